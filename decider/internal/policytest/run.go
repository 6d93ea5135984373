package policytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/cover"
)

// Options say what is tested, and how it is told.
type Options struct {
	// Dir is the policy's directory.
	Dir string
	// Run is a regular expression: of the Rego tests and the transcripts those run whose name it matches somewhere. Names are such
	// as data.imap.policy_test.test_reads and policy/session.txtar. Empty: all.
	Run string
	// Coverage tells which lines of the policy were not reached, by tests and transcripts together. Threshold is the least that
	// passes, in percent; above 0 it implies Coverage.
	Coverage  bool
	Threshold float64
	// JUnit is a file that the results are written to as well. Empty: none.
	JUnit string
	// Verbose tells of what passed too, and has the trace of what did not.
	Verbose bool
	// Update writes down in the transcripts what comes out.
	Update bool
	// Dataplane names the program, as offline.FindDataplane has it.
	Dataplane string
	// Allow are the builtin functions that policy may call beside the harmless ones.
	Allow []string
	// Out takes the report.
	Out io.Writer
}

// Case is a test that ran.
type Case struct {
	// Suite is the package of a Rego test, or "transcripts".
	Suite string
	// Name is the test's, or the transcript's file.
	Name string
	// File and Line are where it is written.
	File string
	Line int
	Took time.Duration
	// Failure says why it failed, over several lines; empty: it passed. Skipped: it did not run.
	Failure string
	Skipped bool
	// Written: what comes out was written down in the transcript.
	Written bool
}

// ErrFailed says that tests failed, or reached too little. What failed has been told.
var ErrFailed = errors.New("the policy does not pass")

// Run tests a policy. The error is ErrFailed, or says why it could not be tested; a *policy.Error where the policy is at fault.
func Run(ctx context.Context, o Options) error {
	match, err := regexp.Compile(o.Run)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	transcripts, err := findTranscripts(o.Dir)
	if err != nil {
		return err
	}
	var covered *cover.Cover
	if o.Coverage || o.Threshold > 0 {
		covered = cover.New()
	}
	suite, err := loadSuite(o)
	if err != nil {
		return err
	}
	cases, err := suite.run(ctx, o, covered)
	if err != nil {
		return err
	}
	if len(transcripts)+suite.tests == 0 {
		return fmt.Errorf("%s: there is nothing to run, neither tests (*_test.rego) nor transcripts (*.txtar)", o.Dir)
	}
	transcripts = slices.DeleteFunc(transcripts, func(name string) bool { return !match.MatchString(name) })
	played, err := play(ctx, o, transcripts, covered)
	if err != nil {
		return err
	}
	cases = append(cases, played...)
	if len(cases) == 0 {
		return fmt.Errorf("%s: no test or transcript has a name that matches %q", o.Dir, o.Run)
	}
	return report(o, cases, suite.coverage(covered))
}

// findTranscripts finds the transcripts in a directory, at any depth, sorted.
func findTranscripts(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != dir && strings.HasPrefix(e.Name(), "."):
			return filepath.SkipDir
		case !e.IsDir() && strings.HasSuffix(name, ".txtar"):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}
