package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
	"github.com/open-policy-agent/opa/v1/util"
	"golang.org/x/tools/txtar"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider/internal/audit"
	"github.com/gatepost/gatepost/decider/internal/engine"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// toFile is a setup with the records in a file, and on the console too if it says so, and the file's name. There is a service, which gets none.
func toFile(t *testing.T, console bool, service string) (*setup, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "decisions.json")
	return start(t, []string{rules}, opa(`{"labels": {"site": "a<b>&\u2028"}, "services": {"logs": {"url": %q}}, "plugins": {"gatepost_file": {"path": %q}},
		"decision_logs": {"plugin": "gatepost_file", "console": %v}}`, service, name, console)), name
}

// lastTwo are the last two lines, of so many.
func lastTwo(t *testing.T, text []byte, count int) (a, b []byte) {
	t.Helper()
	lines := bytes.Split(text, []byte("\n"))
	if len(lines) != count+1 {
		t.Fatalf("%d lines, want %d", len(lines)-1, count)
	}
	return lines[count-2], lines[count-1]
}

// shown is a line on the console, without the time at which it was written.
func shown(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := util.UnmarshalJSON(line, &m); err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(m["time"])); err != nil || time.Since(at) > time.Minute {
		t.Errorf("written at %v", m["time"])
	}
	delete(m, "time")
	return m
}

// questions are one of each kind of event, and more, as they are in internal/input.
func questions(t *testing.T) map[string]*deciderv1.Question {
	t.Helper()
	files, err := filepath.Glob("../input/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	qs := map[string]*deciderv1.Question{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		q := new(deciderv1.Question)
		if err := protojson.Unmarshal(archive.Files[0].Data, q); err != nil {
			t.Fatal(err)
		}
		qs[strings.TrimSuffix(filepath.Base(file), ".txtar")] = q
	}
	return qs
}

// nasty is text that JSON has to escape, or to replace.
const nasty = "a\"b\\c<d>&e\x00\x01\b\f\n\r\t\x1f\x7f\u2028\u2029ü日\U0001F4E8\xff\xfe.\xc3"

// changes make other answers of one.
var changes = map[string]func(*engine.Answer){
	"as it is":  func(*engine.Answer) {},
	"trace":     func(a *engine.Answer) { a.TraceID, a.SpanID = strings.Repeat("4b", 16), strings.Repeat("0f", 8) },
	"observe":   func(a *engine.Answer) { a.Question.Observe, a.Question.Ask, a.Question.Attempt = true, 1<<63+1, 3 },
	"local":     func(a *engine.Answer) { a.Time = a.Time.In(time.FixedZone("", 3*3600+1800)) },
	"no bundle": func(a *engine.Answer) { a.Bundles = nil },
	"bundles": func(a *engine.Answer) {
		a.Bundles = map[string]server.BundleInfo{"b": {Revision: nasty}, "a<": {}, "c": {Revision: "1"}}
	},
	"reuse": func(a *engine.Answer) {
		a.Repeat = &engine.Repeat{Of: "x", Count: 1 << 40, First: a.Time, Last: a.Time.Add(1500 * time.Millisecond)}
	},
	"result": func(a *engine.Answer) {
		a.Decision = &deciderv1.Decision{
			Id: "id", Revision: "r", Outcome: deciderv1.Outcome_OUTCOME_POLICY, Verdict: a.Decision.GetVerdict(), Text: []byte(nasty),
			Untagged: [][]byte{[]byte(nasty), {}}, Code: []byte("NOPERM"), Reason: nasty, Row: `request["<*>"]`, Rule: "rule",
			ImapStateOld: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED, ImapStateNew: deciderv1.ImapState_IMAP_STATE_LOGOUT,
			Capabilities: []*deciderv1.CapabilityVerdict{{Name: "X<2>"}, {Name: "A", Verdict: 1}, {Name: "X<2>", Verdict: 2}},
		}
	},
	"fault": func(a *engine.Answer) {
		a.Decision = &deciderv1.Decision{Id: "id", Outcome: deciderv1.Outcome_OUTCOME_ERROR, Row: "r",
			Error: &deciderv1.PolicyError{Kind: 2, Message: nasty, File: "f.rego", Line: 7, Row: "r"}}
	},
	"fault of nowhere": func(a *engine.Answer) {
		a.Decision = &deciderv1.Decision{Id: "id", Outcome: deciderv1.Outcome_OUTCOME_ERROR, Error: &deciderv1.PolicyError{Kind: 1, Message: "m"}}
	},
	"no input": func(a *engine.Answer) { a.Input = nil },
	"nondeterministic": func(a *engine.Answer) {
		a.Nondeterministic = builtins.NDBCache{"time.now_ns": ast.NewObject(
			ast.Item(ast.ArrayTerm(), ast.NumberTerm("1700000000000000000")), ast.Item(ast.ArrayTerm(ast.StringTerm("<")), ast.SetTerm(ast.StringTerm(nasty))))}
	},
	"shadow": shadowed(engine.Shadow{Differs: true, Took: 1234, Decision: &deciderv1.Decision{
		Revision: nasty, Outcome: deciderv1.Outcome_OUTCOME_POLICY, Text: []byte(nasty), Reason: "r"}}),
	"shadow's fault": shadowed(engine.Shadow{Decision: &deciderv1.Decision{Outcome: deciderv1.Outcome_OUTCOME_ERROR,
		Error: &deciderv1.PolicyError{Kind: 3, Message: nasty, File: "g.rego", Line: 1}}}),
	"no shadow": shadowed(engine.Shadow{Err: errors.New(nasty)}),
	"arguments": func(a *engine.Answer) {
		literal := func(l *deciderv1.Literal) *deciderv1.Argument {
			return &deciderv1.Argument{Value: &deciderv1.Argument_Literal{Literal: l}}
		}
		if c := a.Question.GetCommand(); c != nil {
			c.Tag = []byte(nasty)
			c.Args = append(c.Args, literal(&deciderv1.Literal{Size: 3, Text: []byte("abc")}), literal(&deciderv1.Literal{Size: 1 << 63}),
				&deciderv1.Argument{Value: &deciderv1.Argument_List{List: &deciderv1.List{Kind: 1, Items: []*deciderv1.Argument{
					literal(&deciderv1.Literal{Text: []byte{}}), {Value: &deciderv1.Argument_Secret{}}, {Value: &deciderv1.Argument_Text{Text: []byte(nasty)}}}}}})
		}
	},
}

func shadowed(s engine.Shadow) func(*engine.Answer) {
	return func(a *engine.Answer) {
		c := make(chan engine.Shadow, 1)
		c <- s
		a.Shadow = c
	}
}

// What is written without OPA's plugin is what it would have written: to the file octet for octet, on the console of the same meaning.
func TestDirect(t *testing.T) {
	s, name := toFile(t, true, "http://none")
	if !s.queue.Direct(t.Context()) {
		t.Fatal("records go by way of OPA's plugin")
	}
	count := 0
	for of, q := range questions(t) {
		for change, apply := range changes {
			made := func() *engine.Answer {
				a, err := s.engine.Evaluate(t.Context(), proto.CloneOf(q))
				if err != nil {
					t.Fatal(err)
				}
				a.Decision.Id, a.Time, a.Took = "same", time.Unix(1_700_000_000, 120_000_000).UTC(), 42*time.Microsecond
				apply(&a)
				if change == "arguments" {
					b, err := s.engine.Evaluate(t.Context(), a.Question)
					if err != nil {
						t.Fatal(err)
					}
					a.Input = b.Input
				}
				return &a
			}
			if err := s.queue.Log(t.Context(), made()); err != nil {
				t.Fatal(err)
			}
			if err := s.queue.ByPlugin(t.Context(), made()); err != nil {
				t.Fatal(err)
			}
			count++
			if got, want := lastTwo(t, read(t, name), 2*count); !bytes.Equal(got, want) {
				t.Errorf("%s, %s:\n     %s\nwant %s", of, change, got, want)
			}
			// There OPA's plugin makes maps of what is JSON already, so that what is no UTF-8 is U+FFFD and not its escape.
			got, want := lastTwo(t, s.console.buf.Bytes(), 2*count)
			if a, b := shown(t, got), shown(t, want); !reflect.DeepEqual(a, b) {
				t.Errorf("%s, %s, on the console:\n     %v\nwant %v", of, change, a, b)
			}
		}
	}
	s.close(t)
}

// So is what a dataplane reports of decisions that it reused.
func TestDirectReuse(t *testing.T) {
	s, name := toFile(t, false, "http://none")
	count := 0
	for of, q := range questions(t) {
		a, err := s.engine.Repeat(&deciderv1.Reused{Id: "id", Question: q, FirstUnixUs: 1_700_000_000_000_001, LastUnixUs: 1_700_000_000_500_000, Count: 7,
			Decision: &deciderv1.Decision{Id: "of", Revision: s.engine.Revision(), Outcome: deciderv1.Outcome_OUTCOME_POLICY, Reason: nasty}})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.queue.Log(t.Context(), &a), s.queue.ByPlugin(t.Context(), &a)); err != nil {
			t.Fatal(err)
		}
		count++
		if got, want := lastTwo(t, read(t, name), 2*count); !bytes.Equal(got, want) || !bytes.Contains(got, []byte(`"input":{`)) {
			t.Errorf("%s:\n     %s\nwant %s", of, got, want)
		}
	}
	s.close(t)
}

// Where there comes a mask or a drop rule, or data in the place of one, or another sink, records go by way of OPA's plugin from then on, and
// when it is gone they do not.
func TestDirectFollows(t *testing.T) {
	service := newLogServer(t)
	s, name := toFile(t, false, service.URL)
	var now string
	last := func() (e event, count int) {
		t.Helper()
		a := s.answer(t, "DELETE")
		written := make(chan error, 1)
		a.Recorded = func(err error) { written <- err }
		if err := errors.Join(s.queue.Put(t.Context(), &a), <-written); err != nil {
			t.Fatalf("%s: %v", now, err)
		}
		es := events(t, bytes.NewReader(read(t, name)))
		return es[len(es)-1], len(es)
	}
	put := func(file, content string) {
		t.Helper()
		path := filepath.Join(s.policies, file)
		var err error
		if content == "" {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := s.engine.Reload(t.Context()); err != nil || !changed {
			t.Fatalf("changed %v, error %v", changed, err)
		}
	}
	check := func(what string, direct bool, user string) {
		t.Helper()
		now = what
		if e, _ := last(); e.Input.Session.User != user {
			t.Errorf("%s: the record has user %q, want %q", what, e.Input.Session.User, user)
		}
		if s.queue.Direct(t.Context()) != direct {
			t.Errorf("%s: direct is %v", what, !direct)
		}
	}
	check("at first", true, "anna")
	for file, content := range map[string]string{
		"rule.rego":  "package system.log\nmask contains \"/input/session/user\"",
		"above.rego": "package system\nlog := {\"mask\": [\"/input/session/user\"], \"drop\": false}",
		"data.json":  `{"system": {"log": {"mask": ["/input/session/user"]}}}`,
	} {
		put(file, content)
		check(file, false, "")
		put(file, "")
		check("without "+file, true, "anna")
	}
	_, before := last()
	put("drop.rego", "package system.log\ndrop if input.input.command.name == \"DELETE\"")
	if _, n := last(); n != before {
		t.Errorf("%d records behind a drop rule, before %d", n, before)
	}
	put("drop.rego", "")
	check("without a drop rule", true, "anna")
	put("other.rego", "package system.log\nmask_not := true\nx := 1")
	check("another rule of the package", true, "anna")

	// Data can come by itself, as by a delta bundle.
	write := func(op storage.PatchOp, value any) {
		t.Helper()
		err := storage.Txn(t.Context(), s.engine.Manager().Store, storage.WriteParams, func(txn storage.Transaction) error {
			return s.engine.Manager().Store.Write(t.Context(), txn, op, storage.MustParsePath("/system"), value)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(storage.AddOp, map[string]any{"log": map[string]any{"mask": []any{"/input/session/user"}}})
	check("data alone", false, "")
	write(storage.RemoveOp, nil)
	check("without data", true, "anna")

	// As discovery does.
	reconfigure := func(conf string) {
		t.Helper()
		trigger := plugins.TriggerPeriodic
		c, err := logs.NewConfigBuilder().WithBytes([]byte(conf)).WithPlugins([]string{audit.FilePlugin}).WithServices([]string{"logs"}).WithTriggerMode(&trigger).Parse()
		if err != nil {
			t.Fatal(err)
		}
		logs.Lookup(s.engine.Manager()).Reconfigure(t.Context(), c)
	}
	reconfigure(`{"plugin": "gatepost_file", "console": true}`)
	check("with the console", true, "anna")
	reconfigure(`{"plugin": "gatepost_file", "mask_decision": "/hide/it"}`)
	check("with a mask elsewhere", true, "anna")
	put("hide.rego", "package hide\nit contains \"/input/session/user\"")
	check("with that mask", false, "")
	reconfigure(`{"plugin": "gatepost_file"}`)
	check("with the mask's usual place", true, "anna")
	reconfigure(`{"plugin": "gatepost_file", "service": "logs"}`)
	check("with a service", false, "anna")
	s.close(t)
	if a, b := len(events(t, &s.console.buf)), len(service.events); a != 1 || b != 1 {
		t.Errorf("%d records on the console, %d at the service", a, b)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
