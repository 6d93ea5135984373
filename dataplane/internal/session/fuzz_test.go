package session_test

import (
	"bytes"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/corpus"
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
		"a1 NOOP\n\\", "c6 ID (\"x-originating-ip\" \"192.0.2.9\")", "c7 XLIST \"\" %",
	}
	serverWords = []string{
		"* OK ready", "* PREAUTH [CAPABILITY IMAP4rev1 IDLE X] ready", "* BYE gone", "+ go on", "a1 OK done", "a2 OK done", "a1 NO no", "a3 OK [READ-ONLY] done",
		"a4 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in", "a5 OK done", "a6 NO no", "a7 OK done", "a8 BAD bad", "a9 OK done", "b1 OK in", "b2 NO no",
		"b3 OK bye", "* 1 FETCH (BODY[] {4}", "mail\\", ")", "* 3 EXISTS", "* 1 EXPUNGE", "* CAPABILITY IMAP4rev1 X IDLE", "b4 OK done",
		"* LIST () \"/\" Archive", "* ENABLED UTF8=ACCEPT", "b5 OK done", "* OK [REFERRAL imap://x] t {5}", "zz OK what", "c1 OK done", "b9 OK done", "* FLAGS (\\Seen)",
		"+ YWJj", "d1 OK done", "d1 NO [TOOBIG] no", "d2 OK done", "d3 OK done", "d4 OK done", "d6 OK done", "d8 OK done", "* ENABLED IMAP4rev2",
		"* LIST () \"/\" {4}", "mail", "* ESEARCH (TAG \"d4\") ALL 1", "* STATUS {4+}", "* STATUS {100000}", "b2 OK in", "d7 NO no",
		"* LIST (\\Trash) \"/\" Trash", "* XLIST (\\Spam) \"/\" {4}", "gatepost OK begin", "gatepost NO no", "* ID NIL", "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready",
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
		noAnswer,
	}
	// Of listeners; the first is the one that the seeds begin with.
	listeners = []session.Config{
		{ClientStartTLS: session.StartTLSOffered},
		{ClientStartTLS: session.StartTLSRequired, Failure: session.FailAbort, Literals: "LITERAL-"},
		{ServerStartTLS: session.StartTLSRequired, Failure: session.FailAccept},
		{ClientTLS: true, ServerTLS: true, ServerID: []string{"x-originating-ip", "192.0.2.1"}, Literals: "none", RefusalID: true},
	}
)

// noAnswer stands for the want of a decision.
var noAnswer = session.Decision{ID: "none"}

// What a byte of a script stands for: every second one is what is done, the other with what.
const (
	opClient = iota // 0, 1 and 2: the client says a word
	_
	_
	opServer // 3 and 4: the server does
	_
	opVerdict // 5 and 6: the decider answers
	_
	opOther // a handshake succeeds, or a side closes
	ops
)

// fuzz plays a script in one piece and octet by octet.
func fuzz(t testing.TB, script []byte) {
	whole := play(t, script, 1<<20)
	bytewise := play(t, script, 1)
	if !bytes.Equal(whole.toServer, bytewise.toServer) || !bytes.Equal(whole.toClient, bytewise.toClient) {
		t.Fatalf("the output depends on how the input is cut\n%s\nto server: %q\n       or: %q\nto client: %q\n       or: %q",
			whole.story(), whole.toServer, bytewise.toServer, whole.toClient, bytewise.toClient)
	}
}

// maxScript is how long a script is played.
const maxScript = 400

// seeds are scripts that go far.
var seeds = [][]byte{
	{3, 0, 5, 0, 0, 0, 5, 0, 3, 4},
	{3, 1, 5, 0, 5, 0, 0, 2, 5, 0, 3, 4, 0, 11, 5, 0, 3, 17, 3, 18, 3, 19, 3, 11},
	{3, 1, 5, 0, 5, 0, 0, 7, 5, 0, 3, 3, 0, 9, 0, 10, 3, 9},
	{3, 1, 5, 0, 5, 0, 0, 8, 5, 4, 0, 9, 0, 10, 0, 1},
	{3, 0, 5, 0, 0, 15, 0, 16, 5, 0, 3, 3, 3, 14, 0, 13, 5, 0, 3, 3, 0, 14, 3, 13},
	{3, 1, 5, 0, 5, 0, 0, 0, 0, 1, 0, 24, 5, 1, 5, 3, 5, 2, 3, 20, 5, 0, 5, 5, 3, 5},
	// Messages behind a message; a URL behind a text.
	{3, 1, 5, 0, 5, 0, 0, 7, 5, 0, 3, 3, 0, 9, 0, 32, 5, 0, 3, 3, 0, 9, 0, 33, 5, 0, 3, 3, 0, 9, 0, 10, 3, 9},
	{3, 1, 5, 0, 5, 0, 0, 34, 5, 0, 3, 3, 0, 9, 0, 35, 5, 0, 3, 3, 0, 9, 0, 36, 3, 33},
	{3, 1, 5, 0, 5, 0, 0, 34, 5, 0, 3, 3, 0, 9, 0, 35, 5, 4, 0, 9},
	// A POLICY row, and a mailbox in a literal; UNAUTHENTICATE; ENABLE and its grammar.
	{3, 1, 5, 0, 5, 0, 0, 24, 5, 1, 3, 41, 3, 42, 5, 0},
	{3, 1, 5, 0, 5, 0, 0, 40, 5, 0, 3, 35, 0, 5, 0, 6, 5, 0, 3, 3, 3, 8},
	{3, 1, 5, 0, 5, 0, 0, 21, 5, 0, 3, 25, 3, 26, 0, 43, 5, 0},
	{3, 0, 5, 0, 0, 27, 5, 0, 7, 100, 0, 5, 0, 6, 5, 0, 3, 3, 3, 8, 5, 0},
}

// FuzzSession lets both peers and the decider say anything in any order, and checks the invariants after every step: no
// command reaches the server without a verdict that lets it, literals go there in synchronizing form only, no tag is answered more
// often than it was used, output is bounded; and the output is the same however the input is cut.
func FuzzSession(f *testing.F) {
	corpus.Add(f, corpusFile)
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) <= maxScript {
			fuzz(t, script)
		}
	})
}
