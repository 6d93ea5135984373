package transcript

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Ask has a policy answer a question of a session. secure: the client's connection is under TLS. An error means that there is no
// answer, and ends the transcript.
type Ask func(secure bool, q session.Question) (*session.Decision, error)

// judge has a policy answer.
type judge struct {
	ask    Ask
	secure bool
	// decided are the decisions of the step.
	decided []Decision
	// failed: there was no answer, and nothing more is asked.
	failed bool
}

// Result is what came of a transcript that a policy decided.
type Result struct {
	// File is its name, Sentence what it shows.
	File     string `json:"file"`
	Sentence string `json:"sentence,omitempty"`
	// Error is why it was not played, or not to its end, with file and line; empty: it was.
	Error string `json:"error,omitempty"`
	// Differs: at least one step does.
	Differs bool `json:"differs"`
	// Steps are its input lines, in order.
	Steps []Step `json:"steps,omitempty"`
}

// Step is an input line and what came of it.
type Step struct {
	// Line is its place in the file, from 1, Input the line.
	Line  int    `json:"line"`
	Input string `json:"input"`
	// Want are the output lines below it that are written, Got those that came, both without the kinds that the transcript
	// has nowhere.
	Want []string `json:"want,omitempty"`
	Got  []string `json:"got,omitempty"`
	// Differs: they are not the same.
	Differs bool `json:"differs,omitempty"`
	// Decisions are the policy's, in order.
	Decisions []Decision `json:"decisions,omitempty"`
}

// Decision is what a policy decided.
type Decision struct {
	// Verdict is the decision as a "V:" line has it.
	Verdict string `json:"verdict"`
	// ID and Revision find it in the decision log; Row, Rule and Reason are the policy's.
	ID       string `json:"id"`
	Revision string `json:"revision,omitempty"`
	Row      string `json:"row,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// File and Line are where a fault of the policy is. Empty and 0: there is none, or its place is not known.
	File string `json:"file,omitempty"`
	Line uint32 `json:"fault_line,omitempty"`
}

// Judge plays the transcript with the policy that ask speaks for. With update the file is written with what came.
func (t *Transcript) Judge(ask Ask, update bool) Result {
	r := Result{File: t.Name, Sentence: t.Sentence}
	if len(t.has) == 0 && update {
		// A draft: write down what users read.
		t.has["V:"], t.has[">S"] = true, true
	}
	d := &driver{s: session.New(t.Config), cut: Whole, judge: &judge{ask: ask, secure: t.Config.ClientTLS}}
	var text strings.Builder
	t.play(d, func(st *step, got output, err error) {
		if st.do == nil || r.Error != "" {
			text.WriteString(st.source + "\n")
			return
		}
		if err != nil {
			r.Error = fmt.Sprintf("%s:%d: %v", t.Name, st.line, err)
		}
		var input []byte
		if st.send != nil {
			input = st.send.data
		}
		s := Step{Line: st.line, Input: st.source, Want: t.lines(st.want, input), Got: t.lines(got, input), Decisions: d.judge.decided}
		s.Differs = !slices.Equal(s.Want, s.Got)
		r.Differs = r.Differs || s.Differs
		r.Steps = append(r.Steps, s)
		d.judge.decided = nil
		text.WriteString(strings.Join(append([]string{st.source}, s.Got...), "\n") + "\n")
	})
	if update && r.Error == "" && r.Differs {
		if err := os.WriteFile(t.Name, t.with(text.String()), 0o644); err != nil {
			r.Error = err.Error()
		}
	}
	return r
}

// lines are an output's lines of the kinds that count: verdicts always, others where the transcript has their kind anywhere.
func (t *Transcript) lines(o output, input []byte) []string {
	if !t.has["?"] {
		o.asked = nil
	}
	if !t.has["!"] {
		o.events = nil
	}
	if !t.has[">S"] && !t.has[">C"] && !t.has["closed"] {
		o.toClient, o.toSrvr, o.closed = nil, nil, false
	}
	return strings.FieldsFunc(o.text(input), func(r rune) bool { return r == '\n' })
}

// judgeAll answers every open question in order.
func (d *driver) judgeAll() {
	for len(d.open) > 0 && !d.judge.failed {
		a := d.open[0]
		d.open = d.open[1:]
		dec, err := d.judge.ask(d.judge.secure, a.Question)
		if err != nil {
			d.err, d.judge.failed = fmt.Errorf("the decider gave no answer: %w", err), true
			return
		}
		v := describeDecision(a.Question, dec)
		d.got.verdicts = append(d.got.verdicts, v)
		told := Decision{Verdict: v, ID: dec.ID, Revision: dec.Revision, Row: dec.Row, Rule: dec.Rule, Reason: dec.Reason}
		if f := dec.Fault; f != nil {
			told.Row, told.File, told.Line = f.Row, f.File, f.Line
		}
		d.judge.decided = append(d.judge.decided, told)
		d.s.Resolve(a.ID, dec, nil)
		d.drain()
	}
}

// describeDecision is a decision as a "V:" line, but for the rows on the responses of a command: what those do is seen at the
// responses.
func describeDecision(q session.Question, d *session.Decision) string {
	if f := d.Fault; f != nil {
		message := f.Message
		if f.Row != "" {
			message = f.Row + ": " + message
		}
		return "ERROR " + strconv.Quote(message)
	}
	var words []string
	if q.Kind == session.Command {
		words = append(words, nameOf(requests, d.Request))
	} else {
		words = append(words, nameOf(responses, d.Response))
	}
	if len(d.Text) > 0 {
		words = append(words, strconv.Quote(string(d.Text)))
	}
	for _, line := range d.Untagged {
		words = append(words, strconv.Quote(string(line)))
	}
	if len(d.Code) > 0 {
		words = append(words, string(d.Code))
	}
	if d.Old != 0 {
		words = append(words, "old="+nameOf(states, d.Old))
	}
	if d.New != 0 {
		words = append(words, "new="+nameOf(states, d.New))
	}
	var dropped []string
	for i, shown := range d.Capabilities {
		if !shown {
			dropped = append(dropped, q.Capabilities[i])
		}
	}
	if dropped != nil {
		words = append(words, "drop="+strings.Join(dropped, ","))
	}
	return strings.Join(words, " ")
}

func nameOf[V comparable](names map[string]V, v V) string {
	for name, is := range names {
		if is == v {
			return name
		}
	}
	return "unset"
}

// checkExpected refuses a verdict that no decision can be described by.
func checkExpected(text string) error {
	words, err := fields(text)
	if err != nil {
		return err
	}
	if _, err := parseVerdict(text); err != nil {
		return err
	}
	for _, w := range words {
		if key, _, isPair := strings.Cut(w, "="); isPair && w[0] != '"' && strings.Contains(key, "/") {
			return fmt.Errorf("%s: rows are not expected here; what they do is seen at the responses", w)
		}
	}
	if words[0] == "NONE" {
		return fmt.Errorf("NONE: a policy always answers")
	}
	return nil
}
