package pdp

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// sameKey checks that a question has the key of its form in the contract, by each field and by all of them.
func sameKey(t *testing.T, c *Connection, q session.Question) {
	t.Helper()
	form := question(c, q)
	all := reuse.Fields()
	for _, fields := range append([][]deciderv1.InputField{nil, all}, singles(all)...) {
		want, ok := reuse.AppendKey(nil, form, fields)
		if !ok {
			t.Fatalf("no key by %v", fields)
		}
		got, ok := AppendFields(AppendEvent(nil, &q), c, &q, fields)
		if !ok || string(got) != string(want) {
			t.Fatalf("by %v: %q %v, want %q: %v", fields, got, ok, want, form)
		}
	}
}

func singles(fields []deciderv1.InputField) (sets [][]deciderv1.InputField) {
	for _, f := range fields {
		sets = append(sets, []deciderv1.InputField{f})
	}
	return sets
}

// keyLines are commands and responses whose parts the test below mixes.
var keyLines = []string{
	"a1 NOOP", "a2 LOGIN demo hunter2", "a1 LOGIN {4}\r\ndemo {7+}\r\nhunter2", `a SELECT "in\"b\\ox" (CONDSTORE)`, "a1 EXAMINE {5}\r\nInbox",
	"a1 UID FETCH 1:*,3,5:6 (FLAGS BODY.PEEK[HEADER.FIELDS (DATE \"FROM\")]<0.9>)", "a1 FETCH $ ALL", "a1 STORE 1:2 -FLAGS.SILENT (\\Seen $x)",
	"a1 APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {9}", "a1 APPEND x ~{9+}", "a1 UID REPLACE 4 x CATENATE (URL /A/;UID=1 TEXT {9}", "a1 APPEND x UTF8 (~{3}\r\nabc) CATENATE (URL /A/;UID=1)", "a1 XYZZY 1,2:3 18446744073709551615 007 1:02 ((\"a\\\\b\" {1}\r\n\xc3))",
	"a1 AUTHENTICATE PLAIN AGEAaHVudGVyMmh1bnRlcjI=", `a1 ID ("name" "mutt" "version" NIL "name" "x")`, "a1 ENABLE CONDSTORE UTF8=ACCEPT",
	`a1 LIST "" (INBOX "&AOk-%") RETURN (STATUS (MESSAGES))`, "a1 RENAME a b", "a1 SEARCH OR (FROM x) NOT SEEN", "a1 STATUS {1}\r\nx (MESSAGES UIDNEXT)",
	"* OK [CAPABILITY IMAP4rev1 IDLE] ready", "* OK [HIGHESTMODSEQ (1 \"x\"] odd", "* 23 FETCH (FLAGS (\\Seen) BODY[TEXT] {3}\r\nabc UID 7)", "* 4294967295 EXISTS",
	"* LIST (\\Trash) \"/\" \"Del\\\"eted\"", "a1 NO [NOPERM] no", "* BYE", "* SEARCH 1 2 3", "* STATUS x (MESSAGES 1)", "* OK \xff\xfe",
}

// keyQuestion makes a question out of a command's line, a response's line and a choice. It reports false where there is none.
func keyQuestion(command, response []byte, choice uint64) (session.Question, bool) {
	bit := func() bool { choice >>= 1; return choice&1 == 0 }
	q := session.Question{Kind: session.Kind(choice%4 + 1), Old: syntax.State(1 + choice>>2%4), New: syntax.State(1 + choice>>4%4)}
	choice >>= 6
	word := func() string {
		if bit() {
			return ""
		}
		return []string{"anna", "b\xffb", "IMAP4REV1", "/", "Tr\"ash", string(command)}[rand.New(rand.NewPCG(choice, 1)).IntN(6)]
	}
	q.Session = session.Snapshot{
		Identity:               session.Identity{User: word(), Authorization: word(), Mechanism: word()},
		AuthenticationFailures: uint32(choice % 300),
		Delimiter:              word(),
	}
	if bit() {
		q.Session.Mailbox = &session.Mailbox{Name: word(), ReadOnly: bit()}
	}
	if bit() {
		q.Session.Enabled = []string{word(), word()}
	}
	if bit() {
		q.Session.Roles = []session.Role{{Mailbox: word(), Name: "trash"}}
	}
	if q.Kind == session.Command || q.Kind != session.Greeting && bit() {
		c, err := new(syntax.Parser).Parse(command, syntax.Mode{UTF8: bit(), Literal8: true})
		if err != nil {
			return q, false
		}
		q.Command = c
		if bit() {
			q.Identity = session.Identity{User: word(), Authorization: word(), Mechanism: word()}
		}
	}
	if q.Kind != session.Command {
		r, err := new(syntax.Parser).ParseResponse(response, true)
		if r == nil {
			return q, false
		}
		r.Truncated = r.Truncated || err != nil
		q.Response = r
		if bit() {
			q.Capabilities = []string{word(), "IDLE"}
		}
	}
	return q, true
}

func keyConnections() []*Connection {
	leaf := &x509.Certificate{Raw: []byte("der"), Subject: pkix.Name{CommonName: "demo"}, DNSNames: []string{"host.example"}}
	secure := connection()
	secure.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, ServerName: "mail.example"}
	certified := connection()
	certified.TLS = &tls.ConnectionState{Version: tls.VersionTLS12, VerifiedChains: [][]*x509.Certificate{{leaf}}}
	return []*Connection{connection(), (&Connection{}).Prepare(), secure.Prepare(), certified.Prepare()}
}

// A key is made of the question itself, and is the one of its form in the contract, octet by octet.
func TestKeyIsTheContracts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	connections := keyConnections()
	made := map[session.Kind]int{}
	for range 20_000 {
		command, response := keyLines[r.IntN(len(keyLines))], keyLines[r.IntN(len(keyLines))]
		for r.IntN(3) == 0 { // or something near it
			at := r.IntN(len(command))
			command = command[:at] + []string{"", " ", "1", ":", ",", "(", "\"", "\\", "*"}[r.IntN(9)] + command[at+r.IntN(2):]
		}
		q, ok := keyQuestion([]byte(command), []byte(response), r.Uint64())
		if !ok {
			continue
		}
		made[q.Kind]++
		sameKey(t, connections[r.IntN(len(connections))], q)
	}
	for kind := session.Greeting; kind <= session.Tagged; kind++ {
		if made[kind] < 500 {
			t.Errorf("%d questions about a %v", made[kind], kind)
		}
	}
}

func FuzzKey(f *testing.F) {
	for i, line := range keyLines {
		f.Add([]byte(line), []byte(keyLines[(i+7)%len(keyLines)]), uint64(i)*0x9E3779B97F4A7C15)
	}
	connections := keyConnections()
	f.Fuzz(func(t *testing.T, command, response []byte, choice uint64) {
		if q, ok := keyQuestion(command, response, choice); ok {
			sameKey(t, connections[choice%uint64(len(connections))], q)
		}
	})
}

// A field that this dataplane does not know makes no key, whatever the event.
func TestUnknownFieldHasNoKey(t *testing.T) {
	for _, line := range []string{"a1 NOOP", "* OK hi"} {
		q := session.Question{Kind: session.Untagged, Response: &syntax.Response{Name: "OK"}}
		if strings.HasPrefix(line, "a1") {
			q = ask(t, line)
		}
		for _, f := range []deciderv1.InputField{-1, 0, 3, 9, 33, 49, 73, 89, 95, 1000} {
			if b, ok := AppendFields(nil, connection(), &q, []deciderv1.InputField{f}); ok {
				t.Errorf("%s: field %d has the key %q", line, f, b)
			}
		}
	}
}

// A key is made for every question.
func TestKeyTakesNoMemory(t *testing.T) {
	c, q := connection(), ask(t, `a1 XYZZY 1:*,3 (7 "x\"y" [5:6])`)
	q.Session.Mailbox = &session.Mailbox{Name: "INBOX"}
	b, fields := make([]byte, 0, 1024), reuse.Fields()
	if n := testing.AllocsPerRun(100, func() { b, _ = AppendFields(AppendEvent(b[:0], &q), c, &q, fields) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
