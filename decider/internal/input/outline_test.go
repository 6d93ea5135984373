package input_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/decider/internal/input"
)

// Of every document that Build makes, Outline gives back the kind, the command and the capabilities.
func TestOutline(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			if f.Name != "input" {
				continue
			}
			document, err := ast.ValueFromReader(strings.NewReader(string(f.Data)))
			if err != nil {
				t.Fatal(err)
			}
			q, err := input.Outline(document)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			at := func(path string) any {
				v, err := document.Find(ast.MustParseRef("x." + path)[1:])
				if err != nil {
					return ""
				}
				s, _ := v.(ast.String)
				return string(s)
			}
			kind := input.KindOf(q)
			if got, want := string(kind), at("kind"); got != want {
				t.Errorf("%s: kind %v, want %v", name, got, want)
			}
			command := q.GetCommand().GetName() + q.GetUntagged().GetResponse().GetCommand().GetName() + q.GetTagged().GetResponse().GetCommand().GetName()
			if want := at("command.name"); command != want {
				t.Errorf("%s: command %v, want %v", name, command, want)
			}
			list := append(q.GetGreeting().GetCapabilities(), append(q.GetUntagged().GetResponse().GetCapabilities(),
				q.GetTagged().GetResponse().GetCapabilities()...)...)
			want := 0
			if v, err := document.Find(ast.MustParseRef("x.response.capabilities")[1:]); err == nil {
				want = v.(*ast.Array).Len()
			}
			if len(list) != want {
				t.Errorf("%s: %d capabilities, want %d", name, len(list), want)
			}
		}
	}
}

func TestOutlineRefuses(t *testing.T) {
	for document, want := range map[string]string{
		`[]`:                   "not an object",
		`{}`:                   `kind is ""`,
		`{"kind": "letter"}`:   `kind is "letter"`,
		`{"kind": "command"}`:  "no command.name",
		`{"kind": "untagged"}`: "no response.name",
		`{"kind": 1, "response": {"name": "OK"}}`: `kind is ""`,
	} {
		if _, err := input.Outline(ast.MustParseTerm(document).Value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", document, err, want)
		}
	}
}
