package session_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// What the peers of FuzzSession say. A line is sent with CRLF unless it ends in "\\".
var (
	clientWords = []string{
		"a1 NOOP", "a2 NOOP", "a1 SELECT INBOX", "a3 EXAMINE {5}", "INBOX", "a4 LOGIN alice {6+}", "secret",
		"a5 APPEND Drafts (\\Seen) {4}", "a6 APPEND Drafts {4+}", "mail\\", "", "a7 FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (DATE)])",
		"a8 STORE 1 +FLAGS.SILENT (\\Deleted)", "a9 IDLE", "DONE", "b1 AUTHENTICATE PLAIN", "AHRpbQB0YW5z", "*",
		"b2 AUTHENTICATE CRAM-MD5", "b3 LOGOUT", "b4 CAPABILITY", "b5 ENABLE UTF8=ACCEPT", "b6 COMPRESS DEFLATE", "b7 XUNKNOWN (a b) {3+}",
		"b8 LIST \"\" *", "b9 UID MOVE 1 Trash", "c1 CLOSE", "c2 STARTTLS", "a1  NOOP", "c3 SELECT {05}", "c4 SEARCH TEXT {100000}", "c5 RENAME {3+}",
		" (\\Deleted) {4+}", " {4}", "d1 APPEND Drafts CATENATE (URL /A/;UID=1 TEXT {4+}", " URL /Secret/;UID=2 TEXT {4}", ")", ") {4}", " URL {9}",
		"/A/;UID=1\\", "d2 UNAUTHENTICATE", "d3 NOTIFY SET (mailboxes (INBOX {3+}", "d4 ESEARCH IN (mailboxes INBOX) ALL", "d5 SELECT \"\xc3\xa9\"",
		"d6 APPEND Drafts UTF8 (~{4+}", "=", "{5+}", "b1 AUTHENTICATE XOAUTH2 =", "d7 REPLACE 1 Drafts {4+}", "d8 ENABLE IMAP4rev2", "d9 LOGIN {5000+}",
	}
	serverWords = []string{
		"* OK ready", "* PREAUTH [CAPABILITY IMAP4rev1 IDLE X] ready", "* BYE gone", "+ go on", "a1 OK done", "a2 OK done", "a1 NO no", "a3 OK [READ-ONLY] done",
		"a4 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in", "a5 OK done", "a6 NO no", "a7 OK done", "a8 BAD bad", "a9 OK done", "b1 OK in", "b2 NO no",
		"b3 OK bye", "* 1 FETCH (BODY[] {4}", "mail\\", ")", "* 3 EXISTS", "* 1 EXPUNGE", "* CAPABILITY IMAP4rev1 X IDLE", "b4 OK done",
		"* LIST () \"/\" Archive", "* ENABLED UTF8=ACCEPT", "b5 OK done", "* OK [REFERRAL imap://x] t {5}", "zz OK what", "c1 OK done", "b9 OK done", "* FLAGS (\\Seen)",
		"+ YWJj", "d1 OK done", "d1 NO [TOOBIG] no", "d2 OK done", "d3 OK done", "d4 OK done", "d6 OK done", "d8 OK done", "* ENABLED IMAP4rev2",
		"* LIST () \"/\" {4}", "mail", "* ESEARCH (TAG \"d4\") ALL 1", "* STATUS {4+}", "* STATUS {100000}", "b2 OK in", "d7 NO no",
	}
	verdicts = []session.Decision{
		{Request: session.ReqAccept, Response: session.RspAccept, Rows: rows(session.RspAccept)},
		{Request: session.ReqAccept, Response: session.RspPolicy, Rows: rows(session.RspPolicy)},
		{Request: session.ReqAccept, Response: session.RspDrop, Rows: rows(session.RspDrop)},
		{Request: session.ReqAccept, Response: session.RspReject, Rows: rows(session.RspReject)},
		{Request: session.ReqReject, Response: session.RspReject, Text: []byte("no")},
		{Request: session.ReqDrop, Response: session.RspDrop},
		{Request: session.ReqRespond, Response: session.RspAccept, Text: []byte("OK done"), Untagged: [][]byte{[]byte("CAPABILITY IMAP4rev1")}},
		{Request: session.ReqRewrite, Response: session.RspRewrite, Text: []byte("NOOP"), Rows: rows(session.RspAccept)},
		{Request: session.ReqRewrite, Response: session.RspRewrite, Text: []byte("EXAMINE INBOX"), Rows: rows(session.RspAccept), New: syntax.Selected},
		{Request: session.ReqAbort, Response: session.RspAbort},
		{Fault: &session.Fault{Message: "broken"}},
	}
)

func rows(v session.Rsp) []session.Row {
	return []session.Row{{Tagged: true, Untagged: true, Name: "*", Verdict: v, Text: []byte("x")}}
}

// referee checks what must hold after every step.
type referee struct {
	t                  *testing.T
	s                  *session.Session
	limits             session.Limits
	asks               []session.Ask
	accepted           map[string]int // tag: commands let through
	judged             []string       // what was let through, literals in synchronizing form
	sentTags           map[string]int // tag: lines of the client that start with it
	toServer, toClient []byte
	trace              []string
}

func (r *referee) drain() {
	for a, ok := r.s.Ask(); ok; a, ok = r.s.Ask() {
		r.asks = append(r.asks, a)
	}
	for _, ok := r.s.Event(); ok; _, ok = r.s.Event() {
	}
	for _, side := range []session.Side{session.Client, session.Server} {
		b := r.s.Take(side, nil)
		if len(b) > r.limits.Output+r.limits.Command+r.limits.ServerLine {
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
			}
		}
	} else {
		d.Request = 0
	}
	for i := range a.Question.Capabilities {
		d.Capabilities = append(d.Capabilities, i%2 == 0)
	}
	r.s.Resolve(a.ID, &d, nil)
	r.drain()
}

// lines yields the lines of each element of a leg, read as a peer reads it: lines, and behind a literal header the literal.
// first: it is the element's first. Text of a status response has no literal.
func lines(leg []byte, yield func(line string, first bool)) {
	for len(leg) > 0 {
		line, rest, ok := bytes.Cut(leg, []byte("\r\n"))
		if !ok {
			return
		}
		yield(string(line), true)
		for bytes.HasSuffix(line, []byte("}")) && !status.Match(line) {
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
				r.t.Fatalf("command %q reached the server without a verdict\n%s", line, strings.Join(r.trace, "\n"))
			}
		}
		ends := strings.Trim(line, ")") == "" // the end of lists says nothing
		if (isTag(tag) || !first && !ends) && !slices.ContainsFunc(r.judged, func(raw string) bool { return strings.Contains(raw, line) }) {
			r.t.Fatalf("%q reached the server and was not judged\n%s", line, strings.Join(r.trace, "\n"))
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
				r.t.Fatalf("tag %s answered %d times, used %d times\n%s", tag, answers[tag], r.sentTags[tag], strings.Join(r.trace, "\n"))
			}
		}
		if first && (strings.Contains(line, "COMPRESS=") || strings.Contains(line, "REFERRAL")) {
			r.t.Fatalf("a hidden capability or a referral passed: %q", line)
		}
	})
}

func play(t *testing.T, script []byte, cut int) *referee {
	limits := session.Limits{InlineLiteral: 64, Line: 256, ServerLine: 512, Command: 1024, InFlight: 4, Output: 4096, BadCommands: 50, BadCommandsLoggedIn: 50}
	r := &referee{t: t, limits: limits, accepted: map[string]int{}, sentTags: map[string]int{},
		s: session.New(session.Config{Limits: limits, ClientStartTLS: session.StartTLSOffered})}
	for i := 0; i+1 < len(script); i += 2 {
		op, arg := script[i], int(script[i+1])
		switch op % 8 {
		case 0, 1, 2:
			w := clientWords[arg%len(clientWords)]
			if tag, _, _ := strings.Cut(w, " "); isTag(tag) {
				r.sentTags[tag]++
			}
			r.trace = append(r.trace, "C: "+w)
			r.feed(session.Client, word(w), cut)
		case 3, 4:
			w := serverWords[arg%len(serverWords)]
			r.trace = append(r.trace, "S: "+w)
			r.feed(session.Server, word(w), cut)
		case 5, 6:
			d := verdicts[arg%len(verdicts)]
			r.trace = append(r.trace, fmt.Sprintf("V: %v %v", d.Request, d.Response))
			r.resolve(arg/len(verdicts), d)
		case 7:
			if side, ok := r.s.Upgrade(); ok {
				r.trace = append(r.trace, "TLS "+side.String())
				r.s.Upgraded()
				r.drain()
			} else if arg < 8 {
				r.trace = append(r.trace, "EOF")
				r.s.EOF(session.Side(arg%2), nil)
				r.drain()
			}
		}
		r.checkServerLeg()
		r.checkClientLeg()
	}
	return r
}

func word(w string) []byte {
	if data, raw := strings.CutSuffix(w, "\\"); raw {
		return []byte(data)
	}
	return []byte(w + "\r\n")
}

// FuzzSession lets both peers and the decider say anything in any order, and checks the invariants after every step: no
// command reaches the server without a verdict that lets it, literals go there in synchronizing form only, no tag is answered more
// often than it was used, output is bounded; and the output is the same however the input is cut.
func FuzzSession(f *testing.F) {
	f.Add([]byte{3, 0, 5, 0, 0, 0, 5, 0, 3, 4})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 2, 5, 0, 3, 4, 0, 11, 5, 0, 3, 17, 3, 18, 3, 19, 3, 11})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 7, 5, 0, 3, 3, 0, 9, 0, 10, 3, 9})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 8, 5, 4, 0, 9, 0, 10, 0, 1})
	f.Add([]byte{3, 0, 5, 0, 0, 15, 0, 16, 5, 0, 3, 3, 3, 14, 0, 13, 5, 0, 3, 3, 0, 14, 3, 13})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 0, 0, 1, 0, 24, 5, 1, 5, 3, 5, 2, 3, 20, 5, 0, 5, 5, 3, 5})
	// Messages behind a message; a URL behind a text.
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 7, 5, 0, 3, 3, 0, 9, 0, 32, 5, 0, 3, 3, 0, 9, 0, 33, 5, 0, 3, 3, 0, 9, 0, 10, 3, 9})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 34, 5, 0, 3, 3, 0, 9, 0, 35, 5, 0, 3, 3, 0, 9, 0, 36, 3, 33})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 34, 5, 0, 3, 3, 0, 9, 0, 35, 5, 4, 0, 9})
	// A POLICY row, and a mailbox in a literal; UNAUTHENTICATE; ENABLE and its grammar.
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 24, 5, 1, 3, 41, 3, 42, 5, 0})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 40, 5, 0, 3, 35, 0, 5, 0, 6, 5, 0, 3, 3, 3, 8})
	f.Add([]byte{3, 1, 5, 0, 5, 0, 0, 21, 5, 0, 3, 25, 3, 26, 0, 43, 5, 0})
	f.Add([]byte{3, 0, 5, 0, 0, 27, 5, 0, 7, 100, 0, 5, 0, 6, 5, 0, 3, 3, 3, 8, 5, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 400 {
			return
		}
		whole := play(t, script, 1<<20)
		bytewise := play(t, script, 1)
		if !bytes.Equal(whole.toServer, bytewise.toServer) || !bytes.Equal(whole.toClient, bytewise.toClient) {
			t.Fatalf("the output depends on how the input is cut\n%s\nto server: %q\n       or: %q\nto client: %q\n       or: %q",
				strings.Join(whole.trace, "\n"), whole.toServer, bytewise.toServer, whole.toClient, bytewise.toClient)
		}
	})
}
