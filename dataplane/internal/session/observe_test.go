package session_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// What a session that observes says to both peers is what it says where the decider accepts everything, whatever its decider says.
// Rows with POLICY are left out: a response that is asked about is told later.
func TestObserving(t *testing.T) {
	const runs, steps = 3000, 60
	words := [2][]string{session.Client: clientWords, session.Server: serverWords}
	said, observed := 0, 0
	for seed := range uint64(runs) {
		r := rand.New(rand.NewPCG(seed, 1))
		observing, accepting := session.New(session.Config{Observe: true}), session.New(session.Config{})
		sessions := [...]*session.Session{observing, accepting}
		var out [len(sessions)][2][]byte
		settle := func() {
			for i, s := range sessions {
				for a, ok := s.Ask(); ok; a, ok = s.Ask() {
					if i == 1 {
						s.Resolve(a.ID, acceptAll(a.Question), nil)
					} else {
						s.Resolve(a.ID, anything(r, a.Question), errors.New("no answer"))
					}
				}
				for _, side := range []session.Side{session.Client, session.Server} {
					out[i][side] = append(out[i][side], s.Take(side, nil)...)
				}
				for e, ok := s.Event(); ok; e, ok = s.Event() {
					if e.Observed {
						observed++
					}
				}
			}
		}
		tag := ""
		for step := range steps {
			side := session.Side(r.IntN(2))
			line := words[side][r.IntN(len(words[side]))]
			switch {
			case step == 0:
				side, line = session.Server, serverWords[seed%2]
			case side == session.Client:
				tag, _, _ = strings.Cut(line, " ")
			case r.IntN(8) != 0: // else most sessions were soon over
				line = tag + " OK done"
			}
			data := append([]byte(line), '\r', '\n')
			if d, ok := bytes.CutSuffix([]byte(line), []byte(`\`)); ok {
				data = d
			}
			for _, s := range sessions {
				if s.Wants(side) > 0 {
					s.Feed(side, data)
				}
			}
			settle()
		}
		for side := range out[0] {
			if !bytes.Equal(out[0][side], out[1][side]) {
				t.Fatalf("seed %d: the %s hears\n%q\nand where all is accepted\n%q", seed, session.Side(side), out[0][side], out[1][side])
			}
			said += len(out[0][side])
		}
	}
	if said < 10*runs || observed < runs {
		t.Errorf("%d octets were said, %d verdicts observed", said, observed)
	}
}

func acceptAll(q session.Question) *session.Decision {
	d := &session.Decision{ID: "d", Request: session.ReqAccept, Response: session.RspAccept, Rows: rows(session.RspAccept)}
	for range q.Capabilities {
		d.Capabilities = append(d.Capabilities, true)
	}
	return d
}

// anything is a random decision; nil: none.
func anything(r *rand.Rand, q session.Question) *session.Decision {
	n := r.IntN(len(verdicts) + 1)
	if n == len(verdicts) {
		return nil
	}
	d := verdicts[n]
	if d.Response == session.RspPolicy {
		d.Rows = rows(session.RspAbort)
	}
	for range q.Capabilities {
		d.Capabilities = append(d.Capabilities, r.IntN(2) == 0)
	}
	if r.IntN(8) == 0 {
		d.Old = syntax.State(1 + r.IntN(4))
	}
	if r.IntN(8) == 0 {
		d.Rows = nil
	}
	return &d
}
