package decisionlog

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	one   = `{"decision_id": "1", "path": "imap/main/decision", "bundles": {"p": {"revision": "r1"}}, "input": {"kind": "command", "n": 1700000000123000001}, "result": {"verdict": "IMAP_REQ_ACCEPT"}}`
	two   = `{"decision_id": "2", "path": "imap/main/decision", "bundles": {"b": {"revision": "x"}, "a": {"revision": "y"}}, "masked": ["/input/b"], "erased": ["/input/a"], "error": {"kind": "row", "message": "no"}, "custom": {"reuse": {"of": "1", "count": 7}}}`
	other = `{"decision_id": "3", "path": "system/authz", "input": {}}`
)

func write(t *testing.T, name, text string, zip bool) string {
	t.Helper()
	data := []byte(text)
	if zip {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// Every form that sinks write gives the same records.
func TestForms(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		zip   bool
		other int
	}{
		"lines":           {one + "\n" + two + "\n", false, 0},
		"no last newline": {one + "\n\n" + two, false, 0},
		"among others":    {"starting\n" + one + "\n" + other + "\n" + two + "\n", false, 2},
		"compressed":      {one + "\n" + two + "\n", true, 0},
		"an array":        {"[" + one + ", " + two + "]", false, 0},
		"arrays":          {"[" + one + "]\n[" + other + ", " + two + "]\n[]", true, 1},
		"of many bundles": {one + "\n" + two, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, "log", tc.text, tc.zip)
			var records []*Record
			c, err := Read([]string{file}, func(r *Record) error {
				records = append(records, r)
				return nil
			})
			if err != nil || c != (Counts{2, tc.other}) || len(records) != 2 {
				t.Fatalf("%d records, %+v, error %v", len(records), c, err)
			}
			a, b := records[0], records[1]
			if n, err := a.Input.Find(ast.MustParseRef("x.n")[1:]); err != nil || n.Compare(ast.Number("1700000000123000001")) != 0 {
				t.Errorf("a number lost digits: %v, %v", n, err)
			}
			if a.ID != "1" || a.Revision != "r1" || a.Result.Verdict != "IMAP_REQ_ACCEPT" || a.Fault != nil || a.Reuse || a.Repeats != 1 {
				t.Errorf("%+v", a)
			}
			if b.Revision != "a=y,b=x" || !slices.Equal(b.Hidden, []string{"/input/a", "/input/b"}) || b.Input != nil ||
				b.Fault.Kind != "row" || !b.Reuse || b.Repeats != 7 || !strings.HasPrefix(b.Source, file) {
				t.Errorf("%+v", b)
			}
		})
	}
}

func TestReadFails(t *testing.T) {
	each := func(*Record) error { return nil }
	for text, want := range map[string]string{
		"[" + one + ", ":  "[1]: ",
		"[" + one + "] 7": "[1]: ",
		"\x1f\x8bx":       "log: ",
		one + "\n" + `{"decision_id": "1", "path": "imap/main/decision", "result": [1]}`: ":2: result: ",
	} {
		_, err := Read([]string{write(t, "log", text, false)}, each)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := Read([]string{filepath.Join(t.TempDir(), "none")}, each); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func TestReadEnds(t *testing.T) {
	n := 0
	c, err := Read([]string{write(t, "log", one+"\n"+two, false)}, func(*Record) error {
		n++
		return ErrEnd
	})
	if err != nil || n != 1 || c.Records != 1 {
		t.Errorf("%d calls, %+v, error %v", n, c, err)
	}
}

// Recorded results are found again by their operands.
func TestOperands(t *testing.T) {
	r, err := parse([]byte(`{"decision_id": "1", "path": "imap/main/decision", "nd_builtin_cache": {"rand.intn": {"[\"a\",1000]": 7}}}`))
	if err != nil {
		t.Fatal(err)
	}
	v, ok := r.Nondeterministic.Get("rand.intn", ast.MustParseTerm(`["a", 1000]`).Value)
	if !ok || v.Compare(ast.Number("7")) != 0 {
		t.Errorf("%v, %v", v, ok)
	}
}
