package input_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/tools/txtar"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

var update = flag.Bool("update", false, "rewrite the input part of testdata")

// Each file of testdata is a question and the input that policy sees for it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 || archive.Files[0].Name != "question" || archive.Files[1].Name != "input" {
				t.Fatalf("%s: want the parts question and input", file)
			}
			q := new(deciderv1.Question)
			if err := protojson.Unmarshal(archive.Files[0].Data, q); err != nil {
				t.Fatal(err)
			}
			got := document(t, q)
			if *update {
				archive.Files[1].Data = got
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := archive.Files[1].Data; !bytes.Equal(got, want) {
				t.Errorf("input:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// The three examples of the seed's section "The IMAP command structure in policies".
func TestSeedArguments(t *testing.T) {
	number := func(n uint64, spelling string) *deciderv1.Argument {
		return &deciderv1.Argument{Value: &deciderv1.Argument_Number{Number: &deciderv1.Number{Value: n, Spelling: []byte(spelling)}}}
	}
	text := func(s string) *deciderv1.Argument {
		return &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: []byte(s)}}
	}
	list := func(kind deciderv1.ListKind, items ...*deciderv1.Argument) *deciderv1.Argument {
		return &deciderv1.Argument{Value: &deciderv1.Argument_List{List: &deciderv1.List{Kind: kind, Items: items}}}
	}
	for _, tc := range []struct {
		line string
		args []*deciderv1.Argument
		want string
	}{
		{
			"a0001 FETCH 1,2 RFC822",
			[]*deciderv1.Argument{list(deciderv1.ListKind_LIST_KIND_COMMA, number(1, "1"), number(2, "2")), text("RFC822")},
			`[[",",[1,"1"],[2,"2"]],"RFC822"]`,
		},
		{
			"a0002 FETCH 1:2 RFC822",
			[]*deciderv1.Argument{{Value: &deciderv1.Argument_Range{Range: &deciderv1.Range{First: 1, Last: 2}}}, text("RFC822")},
			`[[1,2],"RFC822"]`,
		},
		{
			"* 1 FETCH (RFC822 {12}",
			[]*deciderv1.Argument{number(1, "1"), list(deciderv1.ListKind_LIST_KIND_PARENTHESES, text("RFC822"),
				&deciderv1.Argument{Value: &deciderv1.Argument_Literal{Literal: &deciderv1.Literal{Size: 12}}})},
			`[[1,"1"],["(","RFC822","<LITERAL>"]]`,
		},
	} {
		t.Run(tc.line, func(t *testing.T) {
			q := command("FETCH", tc.args...)
			var doc struct {
				Command struct{ Args json.RawMessage }
			}
			if err := json.Unmarshal(document(t, q), &doc); err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := json.Compact(&got, doc.Command.Args); err != nil {
				t.Fatal(err)
			}
			if got.String() != tc.want {
				t.Errorf("args: %s, want %s", got.String(), tc.want)
			}
		})
	}
}

// A question that breaks the contract is refused, and the error names the field.
func TestBrokenContract(t *testing.T) {
	nested := &deciderv1.Argument{Value: &deciderv1.Argument_Text{Text: []byte("x")}}
	for range 102 {
		nested = &deciderv1.Argument{Value: &deciderv1.Argument_List{List: &deciderv1.List{
			Kind: deciderv1.ListKind_LIST_KIND_PARENTHESES, Items: []*deciderv1.Argument{nested}}}}
	}
	response := func(r *deciderv1.Response) *deciderv1.Question_Untagged {
		return &deciderv1.Question_Untagged{Untagged: &deciderv1.Untagged{Response: r}}
	}
	for _, tc := range []struct {
		field  string
		breaks func(*deciderv1.Question)
	}{
		{"session", func(q *deciderv1.Question) { q.Session = nil }},
		{"session.id", func(q *deciderv1.Question) { q.Session.Id = "" }},
		{"imap_state_old", func(q *deciderv1.Question) { q.ImapStateOld = 0 }},
		{"imap_state_new", func(q *deciderv1.Question) { q.ImapStateNew = 99 }},
		{"event", func(q *deciderv1.Question) { q.Event = nil }},
		{"session.tls.version", func(q *deciderv1.Question) { q.Session.Tls = &deciderv1.Tls{Version: "TLS 1.3"} }},
		{"session.roles[1].role", func(q *deciderv1.Question) {
			q.Session.Roles = []*deciderv1.MailboxRole{{Mailbox: "Trash", Role: "trash"}, {Mailbox: "Sent", Role: `\Sent`}}
		}},
		{"session.connected_unix_ms", func(q *deciderv1.Question) { q.Session.ConnectedUnixMs = -1 }},
		{"session.connected_unix_ms", func(q *deciderv1.Question) { q.Session.ConnectedUnixMs = math.MaxInt64 }},
		{"command.flags_operation", func(q *deciderv1.Question) {
			q.GetCommand().Name, q.GetCommand().FlagsOperation = "UID STORE", "*"
		}},
		{"command.name", func(q *deciderv1.Question) { q.GetCommand().Name = "" }},
		{"command.args", func(q *deciderv1.Question) { q.GetCommand().Args = []*deciderv1.Argument{{}} }},
		{"command.args", func(q *deciderv1.Question) { q.GetCommand().Args = []*deciderv1.Argument{nested} }},
		{"command.args", func(q *deciderv1.Question) {
			q.GetCommand().Args = []*deciderv1.Argument{{Value: &deciderv1.Argument_List{List: &deciderv1.List{}}}}
		}},
		{"greeting.name", func(q *deciderv1.Question) {
			q.Event = &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: "NO"}}
		}},
		{"untagged.response.name", func(q *deciderv1.Question) { q.Event = &deciderv1.Question_Untagged{} }},
		{"untagged.response.command.name", func(q *deciderv1.Question) {
			q.Event = response(&deciderv1.Response{Name: "OK", Command: &deciderv1.Command{}})
		}},
		{"untagged.response.args", func(q *deciderv1.Question) {
			q.Event = response(&deciderv1.Response{Name: "OK", Args: []*deciderv1.Argument{{}}})
		}},
		{"tagged.response.command", func(q *deciderv1.Question) {
			q.Event = &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: &deciderv1.Response{Name: "OK"}}}
		}},
	} {
		t.Run(tc.field, func(t *testing.T) {
			q := command("NOOP")
			tc.breaks(q)
			_, err := input.Build(q)
			var broken *input.Error
			if !errors.As(err, &broken) || broken.Field != tc.field {
				t.Errorf("error %v, want one about %s", err, tc.field)
			}
			if _, textErr := input.AppendJSON(nil, q); textErr == nil || textErr.Error() != err.Error() {
				t.Errorf("as JSON: error %v, want %v", textErr, err)
			}
		})
	}
}

// store is the question of a STORE.
func store(tb testing.TB) *deciderv1.Question {
	tb.Helper()
	archive, err := txtar.ParseFile("testdata/command-store.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	q := new(deciderv1.Question)
	if err := protojson.Unmarshal(archive.Files[0].Data, q); err != nil {
		tb.Fatal(err)
	}
	return q
}

func BenchmarkBuild(b *testing.B) {
	q := store(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := input.Build(q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendJSON is the same document as text.
func BenchmarkAppendJSON(b *testing.B) {
	q := store(b)
	b.ReportAllocs()
	var text []byte
	for b.Loop() {
		var err error
		if text, err = input.AppendJSON(text[:0], q); err != nil {
			b.Fatal(err)
		}
	}
}

// sameText says that the document's text is, octet for octet, what encoding/json makes of its value.
func sameText(t *testing.T, q *deciderv1.Question, v ast.Value) {
	t.Helper()
	doc, err := ast.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	got, err := input.AppendJSON([]byte("x"), q)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "x"+string(want) {
		t.Errorf("text\n      %s\nwant x%s", got, want)
	}
}

func command(name string, args ...*deciderv1.Argument) *deciderv1.Question {
	return &deciderv1.Question{
		Session:      &deciderv1.Session{Id: "s1"},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_SELECTED,
		Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: name, Args: args, Known: true}},
	}
}

func document(t *testing.T, q *deciderv1.Question) []byte {
	t.Helper()
	v, err := input.Build(q)
	if err != nil {
		t.Fatal(err)
	}
	sameText(t, q, v)
	doc, err := ast.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
