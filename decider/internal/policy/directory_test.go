package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/decider/internal/policy"
)

// unpack writes the files of an archive below a new directory.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, archive)
	return dir
}

func write(t *testing.T, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func directory(dir string) *policy.Directory {
	return &policy.Directory{
		Library: library,
		Path:    dir,
		Lock:    policy.NewLock(),
		Store:   inmem.NewWithOpts(inmem.OptReturnASTValuesOnRead(true)),
	}
}

// in evaluates a reference on what is in the directory's store.
func in(t *testing.T, d *policy.Directory, ref string) string {
	t.Helper()
	txn, err := d.Store.NewTransaction(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Store.Abort(t.Context(), txn)
	modules := map[string]*ast.Module{}
	names, err := d.Store.ListPolicies(t.Context(), txn)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		src, err := d.Store.GetPolicy(t.Context(), txn, n)
		if err != nil {
			t.Fatal(err)
		}
		modules[n] = ast.MustParseModule(string(src))
	}
	c := ast.NewCompiler()
	if c.Compile(modules); c.Failed() {
		t.Fatal(c.Errors)
	}
	rs, err := rego.New(rego.Query(ref), rego.Compiler(c), rego.Store(d.Store), rego.Transaction(txn)).Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(rs) == 0 {
		return "undefined"
	}
	v, err := ast.InterfaceToValue(rs[0].Expressions[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return v.String()
}

// A directory's own tables take the place of the default policy; without them it decides; beside them its data is there.
func TestDirectory(t *testing.T) {
	for _, tc := range []struct{ name, files, ref, want string }{
		{"no directory: the default policy", "", "count(data.imap.policy.request) > 0", "true"},
		{"data alone: the default policy", "-- data.json --\n{\"held\": [1]}", "[data.held[0], count(data.imap.policy.request) > 0]", "[1, true]"},
		{"a policy of its own", "-- a/b.rego --\npackage imap.policy\nrequest[\"X\"] := \"IMAP_REQ_DROP\"", "data.imap.policy.request", `{"X": "IMAP_REQ_DROP"}`},
		{"tables as data", "-- imap/policy/data.yaml --\nrequest: {X: IMAP_REQ_DROP}", "data.imap.policy.request", `{"X": "IMAP_REQ_DROP"}`},
		{"data in folders", "-- mail/held/data.yaml --\n- a\n-- mail/data.json --\n{\"days\": 3}", "data.mail", `{"days": 3, "held": ["a"]}`},
		{"tests, hidden and other files are left out", "-- x_test.rego --\npackage x\n!\n-- .git/x.rego --\n!\n-- README.md --\n!\n-- other.json --\n!", "data.x", "undefined"},
		{"a library of its own", "-- m.rego --\npackage imap.main\ndecision := 7", "[data.imap.main.decision, object.keys(data.imap)]", `[7, ["main"]]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := ""
			if tc.files != "" {
				dir = unpack(t, tc.files)
			}
			d := directory(dir)
			if _, err := d.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := in(t, d, tc.ref); got != tc.want {
				t.Errorf("%s is %s, want %s", tc.ref, got, tc.want)
			}
		})
	}
}

// What is wrong with a policy is named by file and line.
func TestRefused(t *testing.T) {
	for _, tc := range []struct{ name, files, want string }{
		{"syntax", "-- p.rego --\npackage imap.policy\n\nrequest[\"X\" := 1", "DIR/p.rego:3: rego_parse_error: "},
		{"undefined function", "-- sub/p.rego --\npackage imap.policy\n\nreason := nothing.here(1)", "DIR/sub/p.rego:3: rego_type_error: undefined function nothing.here"},
		{"denied function", "-- p.rego --\npackage imap.policy\nreason := http.send({\"method\": \"get\", \"url\": \"x\"}).body", "DIR/p.rego:2: rego_type_error: undefined function http.send"},
		{"denied function", "-- p.rego --\npackage imap.policy\nreason := opa.runtime().env.HOME", "DIR/p.rego:2: rego_type_error: undefined function opa.runtime"},
		{"two files", "-- p.rego --\npackage a\n!\n-- q.rego --\npackage b\n!", "DIR/p.rego:2: rego_parse_error: "},
		{"two files", "-- p.rego --\npackage a\n!\n-- q.rego --\npackage b\n!", "DIR/q.rego:2: rego_parse_error: "},
		{"YAML", "-- data.yaml --\na: 1\nb: [\n", "DIR/data.yaml:2: "},
		{"empty file", "-- p.rego --\n", "DIR/p.rego: rego_parse_error: empty module"},
		{"JSON", "-- data.json --\n{\"a\": ", "DIR/data.json:1: "},
		{"data at the top", "-- data.json --\n[]", "DIR/data.json: is not an object"},
		{"data twice", "-- a/data.json --\n{\"b\": 1}\n-- data.json --\n{\"a\": {\"b\": 2}}", "DIR/data.json: data.a.b is given twice"},
		{"data below a value", "-- a/b/data.json --\n1\n-- data.json --\n{\"a\": 2}", "DIR/data.json: data.a is given twice"},
		{"data and rule", "-- data.json --\n{\"x\": {\"y\": 1}}\n-- p.rego --\npackage x\ny := 2", "DIR/p.rego:2: rego_compile_error: conflict"},
		{"no entrypoint", "-- p.rego --\npackage imap.main\nother := 1", "bundle policy lacks the library: it has no data.imap.main.decision"},
		{"malformed row", "-- p.rego --\npackage imap.policy\n\nrequest[\"NOOP\"] := \"IMAP_REQ_ACCEPT\"\nrequest[\"DELETE\"] := [\"IMAP_REQ_REJCT\", \"no\"]",
			`DIR/p.rego:4: request["DELETE"]: "IMAP_REQ_REJCT" is not a verdict on a command`},
		{"malformed row in a table", "-- p.rego --\npackage imap.policy\n\nresponse := {\n  \"*\": {\"*\": {\n    \"*\": \"IMAP_RSP_ACCEPT\",\n    \"OK\": \"IMAP_REQ_DROP\",\n  }},\n}",
			`DIR/p.rego:6: response["*"]["*"]["OK"]: "IMAP_REQ_DROP" is not a verdict on a response`},
		{"malformed row under a condition", "-- p.rego --\npackage imap.policy\ncapability[\"IDLE\"] := \"IMAP_CAP_NONE\" if not input.session.tls\ncapability[\"IDLE\"] := \"IMAP_CAP_DROP\" if input.session.tls",
			`DIR/p.rego:2: capability["IDLE"]: "IMAP_CAP_NONE" is not a verdict on a capability`},
		{"malformed row of any key", "-- p.rego --\npackage imap.policy\nrequest[c] := \"IMAP_REQ_OK\" if some c in [\"A\"]",
			`DIR/p.rego:2: request["A"]: "IMAP_REQ_OK" is not a verdict on a command`},
		{"no such directory", "", "DIR/none: open DIR/none: no such file or directory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := unpack(t, tc.files)
			d := directory(dir)
			if tc.files == "" {
				d.Path = filepath.Join(dir, "none")
			}
			_, err := d.Load(t.Context())
			if err == nil {
				t.Fatal("loaded")
			}
			for line := range strings.Lines(strings.ReplaceAll(err.Error(), dir, "DIR")) {
				if strings.HasPrefix(line, tc.want) {
					return
				}
			}
			t.Errorf("error %s\nwant    %s", strings.ReplaceAll(err.Error(), dir, "DIR"), tc.want)
		})
	}
}

// A function that the configuration allows can be called.
func TestAllowed(t *testing.T) {
	dir := unpack(t, "-- p.rego --\npackage imap.policy\nreason := http.send({\"method\": \"get\", \"url\": \"x\"}).body")
	d := directory(dir)
	d.Lock = policy.NewLock("http.send")
	if _, err := d.Load(t.Context()); err != nil {
		t.Error(err)
	}
}

// A policy that does not load leaves the one before in place; one with the same content changes nothing.
func TestReload(t *testing.T) {
	dir := unpack(t, "-- p.rego --\npackage imap.policy\nreason := \"one\"")
	d := directory(dir)
	load := func(want bool) {
		t.Helper()
		if changed, err := d.Load(t.Context()); err != nil || changed != want {
			t.Fatalf("changed %v, error %v; want %v", changed, err, want)
		}
	}
	load(true)
	load(false)

	write(t, dir, "-- p.rego --\npackage imap.policy\nreason := {")
	if _, err := d.Load(t.Context()); err == nil {
		t.Fatal("a bad policy was loaded")
	}
	if got := in(t, d, "data.imap.policy.reason"); got != `"one"` {
		t.Errorf("after a bad policy: reason %s", got)
	}
	write(t, dir, "-- p.rego --\npackage imap.policy\nrequest[\"X\"] := 1")
	if _, err := d.Load(t.Context()); err == nil {
		t.Fatal("a malformed table was loaded")
	}
	if got := in(t, d, "data.imap.policy.reason"); got != `"one"` {
		t.Errorf("after a malformed table: reason %s", got)
	}

	write(t, dir, "-- p.rego --\npackage imap.policy\nreason := \"two\"")
	load(true)
	if got := in(t, d, "data.imap.policy.reason"); got != `"two"` {
		t.Errorf("after a good policy: reason %s", got)
	}
}
