package session_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

func rows(v session.Rsp) []session.Row {
	return []session.Row{{Tagged: true, Untagged: true, Name: "*", Verdict: v, Text: []byte("x")}}
}

// referee checks what must hold after every step.
type referee struct {
	t                  testing.TB
	s                  *session.Session
	cfg                session.Config
	asks               []session.Ask
	accepted           map[string]int // tag: commands let through
	judged             []string       // what was let through, literals in synchronizing form
	sentTags           map[string]int // tag: lines of the client that start with it
	toServer, toClient []byte
	// seen is how much of either leg was checked.
	seen   [2]int
	script []byte // what was played so far
}

func (r *referee) drain() {
	for a, ok := r.s.Ask(); ok; a, ok = r.s.Ask() {
		r.asks = append(r.asks, a)
	}
	for _, ok := r.s.Event(); ok; _, ok = r.s.Event() {
	}
	for _, side := range []session.Side{session.Client, session.Server} {
		b := r.s.Take(side, nil)
		if l := r.cfg.Limits; len(b) > l.Output+l.Command+l.ServerLine {
			r.t.Fatalf("%d octets wait for the %s", len(b), side)
		}
		if side == session.Client {
			r.toClient = append(r.toClient, b...)
		} else {
			r.toServer = append(r.toServer, b...)
		}
	}
	if s := r.s; s.State() < syntax.NotAuthenticated || s.State() > syntax.Logout {
		r.t.Fatalf("state %d", s.State())
	}
}

func (r *referee) feed(side session.Side, data []byte, cut int) {
	for len(data) > 0 {
		n := min(r.s.Wants(side), cut, len(data))
		if n == 0 {
			return
		}
		r.s.Feed(side, data[:n])
		data = data[n:]
		r.drain()
	}
}

func (r *referee) resolve(i int, d session.Decision) {
	if len(r.asks) == 0 {
		return
	}
	i %= len(r.asks)
	a := r.asks[i]
	r.asks = slices.Delete(r.asks, i, i+1)
	var err error
	if d.ID == noAnswer.ID {
		err = errNoAnswer
		if r.cfg.Failure == session.FailAccept {
			d.Request = session.ReqAccept
		}
	}
	d.ID, d.Revision = "d", "r"
	if a.Question.Kind == session.Command {
		d.Response = 0
		if d.Fault == nil && (d.Request == session.ReqAccept || d.Request == session.ReqRewrite) {
			c := a.Question.Command
			if c.From == 0 {
				r.accepted[string(c.Tag)]++
			}
			if d.Request == session.ReqRewrite {
				r.judged = append(r.judged, string(c.Tag)+" "+string(d.Text))
			} else {
				r.judged = append(r.judged, strings.ReplaceAll(string(c.Raw), "+}", "}"))
				if c.Name == "ID" {
					r.judged = append(r.judged, string(c.Tag)+" ID NIL") // its claims are taken out
				}
			}
		}
	} else {
		d.Request = 0
	}
	for i := range a.Question.Capabilities {
		d.Capabilities = append(d.Capabilities, i%2 == 0)
	}
	if err != nil {
		r.s.Resolve(a.ID, nil, err)
	} else {
		r.s.Resolve(a.ID, &d, nil)
	}
	r.drain()
}

var errNoAnswer = errors.New("no answer")

// lines yields the lines of each element of a leg, read as a peer reads it: lines, and behind a literal header the literal.
// first: it is the element's first. Text of a status response has no literal.
func lines(leg []byte, yield func(line string, first bool)) {
	for len(leg) > 0 {
		line, rest, ok := bytes.Cut(leg, []byte("\r\n"))
		if !ok {
			return
		}
		yield(string(line), true)
		for more := !status.Match(line); more && bytes.HasSuffix(line, []byte("}")); {
			var n int
			if _, err := fmt.Sscanf(string(line[bytes.LastIndexByte(line, '{'):]), "{%d", &n); err != nil || n > len(rest) {
				return
			}
			if line, rest, ok = bytes.Cut(rest[n:], []byte("\r\n")); !ok {
				return
			}
			yield(string(line), false)
		}
		leg = rest
	}
}

var status = regexp.MustCompile(`^(\*|[a-d][1-9]) (OK|NO|BAD|BYE|PREAUTH) `)

// checkServerLeg: each command there was let through, once, and all that stands behind a literal was in what was let
// through. Lines of an exchange (SASL, DONE) start with no tag.
func (r *referee) checkServerLeg() {
	seen := map[string]int{}
	lines(r.toServer, func(line string, first bool) {
		tag, _, _ := strings.Cut(line, " ")
		if first && isTag(tag) {
			if seen[tag]++; seen[tag] > r.accepted[tag] {
				r.t.Fatalf("command %q reached the server without a verdict\n%s", line, r.story())
			}
		}
		ends := strings.Trim(line, ")") == "" // the end of lists says nothing
		if (isTag(tag) || !first && !ends) && !slices.ContainsFunc(r.judged, func(raw string) bool { return strings.Contains(raw, line) }) {
			r.t.Fatalf("%q reached the server and was not judged\n%s", line, r.story())
		}
		if strings.HasSuffix(line, "+}") {
			r.t.Fatalf("a literal towards the server is not in synchronizing form: %q", line)
		}
	})
}

func isTag(s string) bool {
	return len(s) == 2 && (s[0] >= 'a' && s[0] <= 'd') && s[1] >= '1' && s[1] <= '9'
}

// checkClientLeg: no more tagged answers for a tag than lines that used it, and nothing of what is always hidden.
func (r *referee) checkClientLeg() {
	answers := map[string]int{}
	lines(r.toClient, func(line string, first bool) {
		tag, _, _ := strings.Cut(line, " ")
		if first && isTag(tag) {
			if answers[tag]++; answers[tag] > r.sentTags[tag] {
				r.t.Fatalf("tag %s answered %d times, used %d times\n%s", tag, answers[tag], r.sentTags[tag], r.story())
			}
		}
		if first && (strings.Contains(line, "COMPRESS=") || strings.Contains(line, "REFERRAL")) {
			r.t.Fatalf("a hidden capability or a referral passed: %q\n%s", line, r.story())
		}
	})
}

// play runs a script: pairs of what is done and with what. The first says also what the listener is like.
func play(t testing.TB, script []byte, cut int) *referee {
	cfg := session.Config{}
	if len(script) > 0 {
		cfg = listeners[int(script[0]/ops)%len(listeners)]
	}
	cfg.Limits = session.Limits{InlineLiteral: 64, Line: 256, ServerLine: 512, Command: 1024, InFlight: 4, Output: 4096, BadCommands: 50, BadCommandsLoggedIn: 50}
	r := &referee{t: t, cfg: cfg, accepted: map[string]int{}, sentTags: map[string]int{}, s: session.New(cfg)}
	for i := 0; i+1 < len(script); i += 2 {
		op, arg := script[i]%ops, int(script[i+1])
		r.script = script[:i+2]
		switch {
		case op < opServer:
			w := clientWords[arg%len(clientWords)]
			if tag, _, _ := strings.Cut(w, " "); isTag(tag) {
				r.sentTags[tag]++
			}
			r.feed(session.Client, clientOctets[arg%len(clientWords)], cut)
		case op < opVerdict:
			r.feed(session.Server, serverOctets[arg%len(serverWords)], cut)
		case op < opOther:
			r.resolve(arg/len(verdicts), verdicts[arg%len(verdicts)])
		default:
			if _, ok := r.s.Upgrade(); ok {
				r.s.Upgraded()
			} else if arg < 8 {
				r.s.EOF(session.Side(arg%2), nil)
			}
			r.drain()
		}
		if len(r.toServer) != r.seen[session.Server] {
			r.seen[session.Server] = len(r.toServer)
			r.checkServerLeg()
		}
		if len(r.toClient) != r.seen[session.Client] {
			r.seen[session.Client] = len(r.toClient)
			r.checkClientLeg()
		}
	}
	return r
}

// story is the script so far in words.
func (r *referee) story() string {
	var b strings.Builder
	for i := 0; i+1 < len(r.script); i += 2 {
		arg := int(r.script[i+1])
		switch op := r.script[i] % ops; {
		case op < opServer:
			fmt.Fprintln(&b, "C:", clientWords[arg%len(clientWords)])
		case op < opVerdict:
			fmt.Fprintln(&b, "S:", serverWords[arg%len(serverWords)])
		case op < opOther:
			d := verdicts[arg%len(verdicts)]
			fmt.Fprintln(&b, "V:", d.Request, d.Response, d.ID, arg/len(verdicts))
		default:
			fmt.Fprintln(&b, "TLS, or EOF", arg)
		}
	}
	return b.String()
}

var clientOctets, serverOctets = octets(clientWords), octets(serverWords)

// octets are words as they are sent: with CRLF, unless they end in "\\".
func octets(words []string) (all [][]byte) {
	for _, w := range words {
		data, raw := strings.CutSuffix(w, "\\")
		if !raw {
			data += "\r\n"
		}
		all = append(all, []byte(data))
	}
	return all
}
