package decisionlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
)

// Record is a decision that was recorded.
type Record struct {
	// Source is where it was read: "decisions.json:12", or with "[3]" behind it the fourth of an array.
	Source string
	ID     string
	Time   time.Time
	// Revision is the policy's, as a decision has it: several bundles as name=revision.
	Revision string
	// Input is what policy saw; nil: it is not in the record.
	Input ast.Value
	// Result is what the dataplane was told, and Fault what was wrong with the policy then.
	Result Result
	Fault  *Fault
	// Nondeterministic are recorded results of nondeterministic builtin functions; nil: none.
	Nondeterministic builtins.NDBCache
	// Hidden are the paths that a mask erased or changed, sorted.
	Hidden []string
	// Reuse: the record is of a decision that was reused, Repeats so many times. Else Repeats is 1.
	Reuse   bool
	Repeats uint64
}

// Result is a decision as records have it (package audit).
type Result struct {
	Outcome      string            `json:"outcome"`
	Verdict      string            `json:"verdict,omitempty"`
	Text         string            `json:"text,omitempty"`
	Code         string            `json:"code,omitempty"`
	Untagged     []string          `json:"untagged,omitempty"`
	Capabilities map[string]string `json:"capabilities,omitempty"`
	ImapStateOld string            `json:"imap_state_old,omitempty"`
	ImapStateNew string            `json:"imap_state_new,omitempty"`
	Reason       string            `json:"reason,omitempty"`
	Row          string            `json:"row,omitempty"`
	Rule         string            `json:"rule,omitempty"`
}

// Fault is a fault of the policy, as records have it.
type Fault struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Row     string `json:"row,omitempty"`
}

// ResultOf reads a result of package audit.
func ResultOf(document any) (Result, error) {
	var r Result
	text, err := json.Marshal(document)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// String is a result in one line.
func (r Result) String() string {
	if r.Outcome == "error" {
		return "error"
	}
	words := []string{r.Verdict}
	if r.Text != "" {
		words = append(words, fmt.Sprintf("%q", r.Text))
	}
	for _, l := range r.Untagged {
		words = append(words, fmt.Sprintf("%q", l))
	}
	if r.Code != "" {
		words = append(words, r.Code)
	}
	var dropped []string
	for name, verdict := range r.Capabilities {
		if verdict != "IMAP_CAP_ACCEPT" {
			dropped = append(dropped, name)
		}
	}
	if slices.Sort(dropped); dropped != nil {
		words = append(words, "drop="+strings.Join(dropped, ","))
	}
	if r.ImapStateOld != "" {
		words = append(words, "old="+r.ImapStateOld)
	}
	if r.ImapStateNew != "" {
		words = append(words, "new="+r.ImapStateNew)
	}
	return strings.Join(words, " ")
}

// decisionPath is the path of the decider's records.
const decisionPath = "imap/main/decision"

// event is OPA's form of a record.
type event struct {
	DecisionID string    `json:"decision_id"`
	Path       string    `json:"path"`
	Timestamp  time.Time `json:"timestamp"`
	Bundles    map[string]struct {
		Revision string `json:"revision"`
	} `json:"bundles"`
	Input          json.RawMessage   `json:"input"`
	Result         json.RawMessage   `json:"result"`
	Error          json.RawMessage   `json:"error"`
	NDBuiltinCache builtins.NDBCache `json:"nd_builtin_cache"`
	Erased         []string          `json:"erased"`
	Masked         []string          `json:"masked"`
	Custom         struct {
		Reuse *struct {
			Count uint64 `json:"count"`
		} `json:"reuse"`
	} `json:"custom"`
}

// parse reads a record; nil: it is something else.
func parse(text []byte) (*Record, error) {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	if e.DecisionID == "" || e.Path != decisionPath {
		return nil, nil
	}
	r := &Record{
		ID: e.DecisionID, Time: e.Timestamp, Revision: e.revision(), Nondeterministic: operands(e.NDBuiltinCache),
		Hidden: slices.Sorted(slices.Values(slices.Concat(e.Erased, e.Masked))), Repeats: 1,
	}
	if u := e.Custom.Reuse; u != nil {
		r.Reuse, r.Repeats = true, max(u.Count, 1)
	}
	if present(e.Input) {
		var err error
		if r.Input, err = ast.ValueFromReader(bytes.NewReader(e.Input)); err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
	}
	if present(e.Result) {
		if err := json.Unmarshal(e.Result, &r.Result); err != nil {
			return nil, fmt.Errorf("result: %w", err)
		}
	}
	if present(e.Error) {
		r.Fault = new(Fault)
		if err := json.Unmarshal(e.Error, r.Fault); err != nil {
			r.Fault = &Fault{Message: string(e.Error)} // a mask may have changed it
		}
	}
	return r, nil
}

// operands gives recorded results their keys back: arrays of operands, which JSON has as strings.
func operands(recorded builtins.NDBCache) builtins.NDBCache {
	if len(recorded) == 0 {
		return nil
	}
	c := builtins.NDBCache{}
	for name, results := range recorded {
		results.Foreach(func(k, v *ast.Term) {
			if text, ok := k.Value.(ast.String); ok {
				if t, err := ast.ParseTerm(string(text)); err == nil {
					k = t
				}
			}
			c.Put(name, k.Value, v.Value)
		})
	}
	return c
}

func present(m json.RawMessage) bool { return len(m) > 0 && string(m) != "null" }

// revision joins the revisions of bundles as a decision does.
func (e *event) revision() string {
	names := make([]string, 0, len(e.Bundles))
	for name := range e.Bundles {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if len(names) == 1 {
			return e.Bundles[name].Revision
		}
		names[i] = name + "=" + e.Bundles[name].Revision
	}
	return strings.Join(names, ",")
}
