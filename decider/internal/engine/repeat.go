package engine

import (
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/server"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Repeat says of an answer that it is a decision that was made before, for a question equal in all that it depends on.
type Repeat struct {
	// Of is the id of the decision that was made.
	Of string
	// Count is how many questions it was for; the answer has the first of them.
	Count uint64
	// First and Last are when.
	First, Last time.Time
}

// usual is more than most input documents take as JSON, in octets.
const usual = 1 << 10

// Repeat is a reuse of a decision as an answer to be recorded. The error is an *input.Error: the reuse breaks the contract; the field
// is below it.
func (e *Engine) Repeat(r *deciderv1.Reused) (Answer, error) {
	doc, err := input.AppendJSON(make([]byte, 0, usual), r.GetQuestion())
	if err != nil {
		return Answer{}, err
	}
	d := r.GetDecision()
	first := time.UnixMicro(r.GetFirstUnixUs())
	return Answer{
		Question: r.GetQuestion(),
		Decision: &deciderv1.Decision{
			Id: r.GetId(), Revision: d.GetRevision(), Outcome: d.GetOutcome(), Verdict: d.GetVerdict(), Text: d.GetText(), Untagged: d.GetUntagged(),
			Code: d.GetCode(), Capabilities: d.GetCapabilities(), ImapStateOld: d.GetImapStateOld(), ImapStateNew: d.GetImapStateNew(),
			Reason: d.GetReason(), Row: d.GetRow(), Rule: d.GetRule(),
		},
		Document: doc,
		Bundles:  e.bundlesOf(d.GetRevision()),
		Time:     first,
		Repeat:   &Repeat{Of: d.GetId(), Count: r.GetCount(), First: first, Last: time.UnixMicro(r.GetLastUnixUs())},
	}, nil
}

// remembered is how many policies before the one in force are remembered by the revisions of their bundles.
const remembered = 16

// bundlesOf are the bundles of a policy that is or was in force here, or else what its revision tells of them.
func (e *Engine) bundlesOf(revision string) map[string]server.BundleInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := len(e.past) - 1; i >= 0; i-- {
		if e.past[i].revision == revision {
			return e.past[i].bundles
		}
	}
	// Another replica decided.
	bundles := map[string]server.BundleInfo{}
	for part := range strings.SplitSeq(revision, ",") {
		name, of, ok := strings.Cut(part, "=")
		if !ok {
			name, of = "", part
			if s := e.current.Load(); s != nil && len(s.bundles) == 1 {
				for name = range s.bundles {
				}
			}
		}
		// Behind the bundle's revision stands a hash of its content.
		if i := strings.LastIndexByte(of, '+'); i >= 0 {
			of = of[:i]
		}
		bundles[name] = server.BundleInfo{Revision: of}
	}
	return bundles
}

// past is a policy that is or was in force.
type past struct {
	revision string
	bundles  map[string]server.BundleInfo
}

// remember keeps what bundlesOf tells of a policy. e.mu is held.
func (e *Engine) remember(s *snapshot) {
	if e.past = append(e.past, past{s.revision, s.bundles}); len(e.past) > remembered {
		e.past = e.past[1:]
	}
}
