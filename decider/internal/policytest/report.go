package policytest

import (
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// report tells what came of the cases. The error is ErrFailed if one failed, or if too little was reached.
func report(o Options, cases []Case, c *coverage) error {
	failed, skipped := 0, 0
	for _, t := range cases {
		switch {
		case t.Failure != "":
			failed++
			fmt.Fprintf(o.Out, "FAIL  %s (%s:%d)\n", t.Name, t.File, t.Line)
			for line := range strings.Lines(t.Failure) {
				fmt.Fprintf(o.Out, "    %s", line)
			}
		case t.Skipped:
			skipped++
			fmt.Fprintf(o.Out, "SKIP  %s (%s:%d)\n", t.Name, t.File, t.Line)
		case t.Written:
			fmt.Fprintf(o.Out, "wrote %s\n", t.Name)
		case o.Verbose:
			fmt.Fprintf(o.Out, "ok    %s (%v)\n", t.Name, t.Took.Round(10*time.Microsecond))
		}
	}
	tooLittle := false
	if c != nil {
		tooLittle = c.percent() < o.Threshold
		c.report(o)
	}
	if o.JUnit != "" {
		if err := writeJUnit(o.JUnit, cases); err != nil {
			return err
		}
	}
	summary := fmt.Sprintf("%d passed", len(cases)-failed-skipped)
	if failed > 0 {
		summary += fmt.Sprintf(", %d failed", failed)
	}
	if skipped > 0 {
		summary += fmt.Sprintf(", %d skipped", skipped)
	}
	fmt.Fprintln(o.Out, summary)
	if tooLittle {
		fmt.Fprintf(o.Out, "coverage is below %v %%\n", o.Threshold)
	}
	if failed > 0 || tooLittle {
		return ErrFailed
	}
	return nil
}

func (c *coverage) report(o Options) {
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		last := 0
		for _, missed := range c.files[name].NotCovered {
			if missed.Start.Row != last {
				fmt.Fprintf(o.Out, "%s:%d: no test reaches this line\n", name, missed.Start.Row)
			}
			last = missed.Start.Row
		}
	}
	fmt.Fprintf(o.Out, "coverage %.1f %% of lines\n", c.percent())
}

// The form that CI systems read as JUnit's.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Skipped *struct{}     `xml:"skipped"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func writeJUnit(file string, cases []Case) error {
	suites := junitSuites{}
	took := map[string]time.Duration{}
	for _, t := range cases {
		i := slices.IndexFunc(suites.Suites, func(s junitSuite) bool { return s.Name == t.Suite })
		if i < 0 {
			i = len(suites.Suites)
			suites.Suites = append(suites.Suites, junitSuite{Name: t.Suite})
		}
		s := &suites.Suites[i]
		c := junitCase{Class: t.Suite, Name: t.Name, File: t.File, Line: t.Line, Time: seconds(t.Took)}
		s.Tests++
		took[t.Suite] += t.Took
		if t.Failure != "" {
			s.Failures++
			message, _, _ := strings.Cut(t.Failure, "\n")
			c.Failure = &junitFailure{message, t.Failure}
		}
		if t.Skipped {
			s.Skipped++
			c.Skipped = new(struct{})
		}
		s.Cases = append(s.Cases, c)
	}
	for i := range suites.Suites {
		suites.Suites[i].Time = seconds(took[suites.Suites[i].Name])
	}
	text, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(xml.Header), append(text, '\n')...), 0o644)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
