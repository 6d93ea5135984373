package tools

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/open-policy-agent/opa/v1/compile"
	"github.com/rogpeppe/go-internal/testscript"
)

// programs is the folder with the two programs.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programs, err = os.MkdirTemp("", "gatepost"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(programs)
		// As `make build` does, so that what it compiles serves both.
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", programs,
			"../../decider/cmd/gatepost-decider", "../../dataplane/cmd/gatepost-dataplane")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// Each script is a dialogue with the programs.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", programs+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("PROGRAMS", programs)
			e.Setenv("EXAMPLES", examples)
			// A unix socket's path must be short, and a script's folder is not.
			dir, err := os.MkdirTemp("", "gp")
			if err != nil {
				return err
			}
			e.Defer(func() { os.RemoveAll(dir) })
			e.Setenv("SOCKET", filepath.Join(dir, "d.sock"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"bundle": bundle},
	})
}

// bundle builds a bundle as `opa build` does: bundle FILE REVISION DIR.
func bundle(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	c := compile.New().WithPaths(ts.MkAbs(args[2])).WithAsBundle(true).WithRevision(args[1]).WithOutput(f)
	ts.Check(c.Build(context.Background()))
}

// The tests of every example pass, and with its transcripts they reach every line of its policy.
func TestExamples(t *testing.T) {
	policies, err := filepath.Glob("../examples/*/policy_test.rego")
	if err != nil || len(policies) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, test := range policies {
		folder := filepath.Dir(test)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), filepath.Join(programs, "gatepost-decider"), "test", "--threshold", "100", folder)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
