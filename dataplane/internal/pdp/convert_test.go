package pdp

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func connection() *Connection {
	return (&Connection{
		ID:        "s1",
		Dataplane: "edge-1",
		Listener:  "imaps",
		Client:    net.TCPAddrFromAddrPort(netip.MustParseAddrPort("[::ffff:192.0.2.1]:40000")),
		Local:     net.TCPAddrFromAddrPort(netip.MustParseAddrPort("[2001:db8::1%eth0]:993")),
		Connected: time.UnixMilli(1700000000123),
	}).Prepare()
}

// ask parses a command and makes the question about it.
func ask(t testing.TB, line string) session.Question {
	t.Helper()
	var p syntax.Parser
	c, err := p.Parse([]byte(line), syntax.Mode{})
	if err != nil {
		t.Fatal(err)
	}
	return session.Question{Kind: session.Command, Old: syntax.NotAuthenticated, New: syntax.Authenticated, Command: c}
}

// same compares a message with its JSON form.
func same(t *testing.T, got proto.Message, want string) {
	t.Helper()
	w := got.ProtoReflect().New().Interface()
	if err := protojson.Unmarshal([]byte(want), w); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, w) {
		t.Errorf("got  %s\nwant %s", protojson.Format(got), protojson.Format(w))
	}
}

func TestSession(t *testing.T) {
	q := ask(t, "a1 NOOP")
	q.Session = session.Snapshot{
		Identity:               session.Identity{User: "demo", Authorization: "other", Mechanism: "PLAIN"},
		AuthenticationFailures: 2,
		Mailbox:                &session.Mailbox{Name: "INBOX", ReadOnly: true},
		Enabled:                []string{"CONDSTORE"},
		Delimiter:              "/",
		Roles:                  []session.Role{{Mailbox: "Trash", Name: "trash"}},
	}
	same(t, question(connection(), q).Session, `{
		"id": "s1", "dataplane": "edge-1", "listener": "imaps",
		"client": {"address": "192.0.2.1", "port": 40000}, "local": {"address": "2001:db8::1", "port": 993},
		"user": "demo", "authorizationIdentity": "other", "mechanism": "PLAIN", "authenticationFailures": 2,
		"mailbox": {"name": "INBOX", "readOnly": true}, "enabled": ["CONDSTORE"], "delimiter": "/",
		"roles": [{"mailbox": "Trash", "role": "trash"}],
		"connectedUnixMs": "1700000000123"}`)
}

func TestTLS(t *testing.T) {
	u, _ := url.Parse("spiffe://example/demo")
	leaf := &x509.Certificate{
		Raw:            []byte("der"),
		Subject:        pkix.Name{CommonName: "demo", Organization: []string{"Example"}},
		DNSNames:       []string{"host.example"},
		EmailAddresses: []string{"demo@example"},
		URIs:           []*url.URL{u},
	}
	state := &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, ServerName: "mail.example",
		PeerCertificates: []*x509.Certificate{leaf}}
	same(t, handshake(state), `{"version": "1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "serverName": "mail.example"}`)

	state.VerifiedChains = [][]*x509.Certificate{{leaf}}
	same(t, handshake(state).ClientCertificate, `{"subject": "CN=demo,O=Example", "dnsNames": ["host.example"],
		"emailAddresses": ["demo@example"], "uris": ["spiffe://example/demo"],
		"sha256": "5050d80d22ecd471ea55df7034042c1e041341ff4066e7f6ff38e20b720df8ea"}`)
}

func TestUnixSocketHasNoAddress(t *testing.T) {
	same(t, endpoint(&net.UnixAddr{Name: "/run/imap.sock", Net: "unix"}), `{}`)
}

func TestCommands(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"a1 SELECT inbox", `{"tag": "YTE=", "name": "SELECT", "known": true, "mailbox": "INBOX", "mailboxes": ["INBOX"], "args": [{"text": "aW5ib3g="}]}`},
		{"a1 UID COPY 1:*,7 Archive", `{"tag": "YTE=", "name": "UID COPY", "known": true, "mailbox": "Archive", "mailboxes": ["Archive"],
			"set": [{"first": 1}, {"first": 7, "last": 7}], "args": [{"text": "MToqLDc="}, {"text": "QXJjaGl2ZQ=="}]}`},
		{"a1 XYZZY 1", `{"tag": "YTE=", "name": "XYZZY", "args": [{"number": {"value": 1, "spelling": "MQ=="}}]}`},
		{`a1 ID ("name" "mutt")`, `{"tag": "YTE=", "name": "ID", "known": true, "id": {"name": "mutt"},
			"args": [{"list": {"kind": "LIST_KIND_PARENTHESES", "items": [{"text": "bmFtZQ=="}, {"text": "bXV0dA=="}]}}]}`},
		{"a1 APPEND Archive {9}", `{"tag": "YTE=", "name": "APPEND", "known": true, "mailbox": "Archive", "mailboxes": ["Archive"], "literal": {"size": 9},
			"append_data": ["LITERAL"], "args": [{"text": "QXJjaGl2ZQ=="}, {"literal": {"size": 9}}]}`},
		{"a1 REPLACE 4 x CATENATE (TEXT {9}", `{"tag": "YTE=", "name": "REPLACE", "known": true, "mailbox": "x", "mailboxes": ["x"], "set": [{"first": 4, "last": 4}],
			"append_data": ["CATENATE"], "args": [{"number": {"value": 4, "spelling": "NA=="}}, {"text": "eA=="}, {"text": "Q0FURU5BVEU="},
			{"list": {"kind": "LIST_KIND_PARENTHESES", "items": [{"text": "VEVYVA=="}, {"literal": {"size": 9}}]}}]}`},
	} {
		t.Run(c.line, func(t *testing.T) { same(t, question(connection(), ask(t, c.line)).GetCommand(), c.want) })
	}
}

func TestIdentityOfAuthenticate(t *testing.T) {
	q := ask(t, "a1 AUTHENTICATE PLAIN")
	q.Identity = session.Identity{User: "demo", Authorization: "other", Mechanism: "PLAIN"}
	c := question(connection(), q).GetCommand()
	if c.User != "demo" || c.AuthorizationIdentity != "other" || c.Mechanism != "PLAIN" {
		t.Errorf("%v", c)
	}
}

// TestSecretsStay: a password, in whatever form, is in no question.
func TestSecretsStay(t *testing.T) {
	for _, line := range []string{
		"a1 LOGIN demo hunter2",
		`a1 LOGIN demo "hunter2"`,
		"a1 LOGIN demo {7}\r\nhunter2",
		"a1 LOGIN {4}\r\ndemo {7+}\r\nhunter2",
		"a1 AUTHENTICATE PLAIN hunter2=",
	} {
		t.Run(line, func(t *testing.T) {
			q := question(connection(), ask(t, line))
			b, err := proto.Marshal(q)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte("hunter2")) {
				t.Errorf("the secret left: %s", protojson.Format(q))
			}
			args := q.GetCommand().Args
			if _, ok := args[len(args)-1].Value.(*deciderv1.Argument_Secret); !ok {
				t.Errorf("last argument is %v, want a Secret", args[len(args)-1])
			}
		})
	}
}

func TestGreetingAndResponses(t *testing.T) {
	greeting := &syntax.Response{Name: "OK", Status: true, Code: []byte("CAPABILITY IMAP4rev1"), Text: []byte("ready")}
	same(t, question(connection(), session.Question{Kind: session.Greeting, Response: greeting, Capabilities: []string{"IMAP4REV1"}}).GetGreeting(),
		`{"name": "OK", "code": "Q0FQQUJJTElUWSBJTUFQNHJldjE=", "text": "cmVhZHk=", "capabilities": ["IMAP4REV1"]}`)

	q := session.Question{Kind: session.Untagged, Response: &syntax.Response{Name: "EXISTS", Number: 3, HasNumber: true, Truncated: true}}
	same(t, question(connection(), q).GetUntagged(),
		`{"response": {"name": "EXISTS", "truncated": true, "args": [{"number": {"value": 3, "spelling": "Mw=="}}]}}`)

	q = ask(t, "a1 NOOP")
	q.Kind, q.Response = session.Tagged, &syntax.Response{Tag: []byte("a1"), Name: "NO", Status: true, Text: []byte("no")}
	same(t, question(connection(), q).GetTagged(),
		`{"response": {"name": "NO", "args": [{"text": "bm8="}], "command": {"tag": "YTE=", "name": "NOOP", "known": true}}}`)
}

// TestForeignText: what a server sends need not be UTF-8; a question always is, for else it could not be sent.
func TestForeignText(t *testing.T) {
	q := ask(t, "a1 NOOP")
	q.Session.Enabled = []string{"OK", "B\xffD"}
	q.Session.Mailbox = &session.Mailbox{Name: "\xff"}
	m := question(connection(), q)
	if _, err := proto.Marshal(m); err != nil {
		t.Fatal(err)
	}
	if got := m.Session.Enabled[1]; got != "B\uFFFDD" {
		t.Errorf("%q", got)
	}
}

func TestStates(t *testing.T) {
	for s := syntax.NotAuthenticated; s <= syntax.Logout; s++ {
		if want := "IMAP_STATE_" + string(bytes.ToUpper([]byte(s.String()))); states[s].String() != want {
			t.Errorf("%v is %v, want %s", s, states[s], want)
		}
	}
}
