package rego_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"go.yaml.in/yaml/v3"
)

// blocks are the blocks of a language in a page.
func blocks(t *testing.T, page, language string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	return found
}

const selectSecret = `{"kind": "command", "imap_state_old": "selected", "session": {"delimiter": "/", "user": "eve"},
	"command": {"name": "SELECT", "known": true, "mailbox": "Secret", "mailboxes": ["Secret"]}}`

// The policies in README.md and ZORP.md, with what they say of UID FETCH in INBOX by anna, and of SELECT Secret by eve.
func TestPagesPolicies(t *testing.T) {
	const accept = `"IMAP_REQ_ACCEPT"`
	for page, wants := range map[string][][2]string{
		"README.md": {
			{accept, `["IMAP_REQ_REWRITE", "EXAMINE \"Secret\""]`},
			{accept, accept},
			{accept, `["IMAP_REQ_REJECT", "not yours"]`},
			{accept, `["IMAP_REQ_REJECT", "not for this account"]`},
		},
		"ZORP.md": {
			{accept, accept},
		},
	} {
		policies := blocks(t, page, "rego")
		if len(policies) != len(wants) {
			t.Fatalf("%s has %d policies, want %d", page, len(policies), len(wants))
		}
		for i, policy := range policies {
			eval := query(t, "data.imap.main.decision.value", compile(t, strings.TrimPrefix(policy, "package imap.policy\n")))
			for j, input := range []string{fetch, selectSecret} {
				got, err := eval(value(t, input))
				if want := value(t, wants[i][j]); err != nil || got == nil || got.Compare(want) != 0 {
					t.Errorf("%s, policy %d, command %d: got %v (error %v), want %v", page, i+1, j+1, got, err, want)
				}
			}
		}
	}
}

// The tables in README.md that are data.
func TestPagesData(t *testing.T) {
	tables := blocks(t, "README.md", "yaml")
	if len(tables) != 1 {
		t.Fatalf("%d blocks of YAML, want 1", len(tables))
	}
	var data map[string]any
	if err := yaml.Unmarshal([]byte(tables[0]), &data); err != nil {
		t.Fatal(err)
	}
	modules := library(t, "")
	delete(modules, "imap/policy/default.rego")
	c := ast.NewCompiler().WithStrict(true)
	if c.Compile(modules); c.Failed() {
		t.Fatal(c.Errors)
	}
	store := inmem.NewFromObject(map[string]any{"imap": map[string]any{"policy": data}})
	for input, want := range map[string]string{
		fetch:        `[["request", "UID FETCH"], "IMAP_REQ_ACCEPT"]`,
		selectSecret: `[[], "none"]`,
	} {
		rs, err := rego.New(
			rego.Query(`[data.imap.main.decision.row, object.get(data.imap.main.decision, "value", "none")]`),
			rego.Compiler(c), rego.Store(store), rego.ParsedInput(value(t, input)),
		).Eval(t.Context())
		if err != nil || len(rs) == 0 {
			t.Fatalf("%v and error %v", rs, err)
		}
		if got, err := ast.InterfaceToValue(rs[0].Expressions[0].Value); err != nil || got.Compare(value(t, want)) != 0 {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

// The commands in README.md that run opa, for a policy of the examples.
func TestPagesCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds opa")
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, m := range regexp.MustCompile(`(?m)^    (opa .*)$`).FindAllStringSubmatch(string(text), -1) {
		ran++
		command := strings.NewReplacer(" DIR", " deploy/examples/composed", "bundle.tar.gz", filepath.Join(t.TempDir(), "bundle.tar.gz")).Replace(m[1])
		cmd := exec.CommandContext(t.Context(), "bash", "-c", `opa() { go tool opa "$@"; }; `+command)
		cmd.Dir = ".."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	if ran != 6 {
		t.Errorf("README.md has %d commands, want 6", ran)
	}
}
