package pep

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// TestServerIsToldWhoTheClientIs, in Dovecot's fields, before the client's first command; and what the client says in such fields
// stays behind.
func TestServerIsToldWhoTheClientIs(t *testing.T) {
	b := balanced(t, func(_ *Options, l *Listener) { l.Upstream.ID = true })
	client := b.dial()
	client.write(headerV1)
	server := b.accept()
	server.send("* OK ready")
	client.expect("* OK ready")
	session := b.event(Opened).Session
	server.expect(fmt.Sprintf(`gatepost ID ("x-session-id" "%s" "x-proxy-ttl" "4" "x-originating-ip" "192.0.2.7" "x-originating-port" "40000" `+
		`"x-connected-ip" "198.51.100.1" "x-connected-port" "993")`, session))
	client.send(`a1 ID ("name" "mutt" "x-originating-ip" "203.0.113.9")`)
	server.send(`* ID ("name" "Dovecot")`, "gatepost OK done")
	server.expect(`a1 ID ("name" "mutt")`)
	server.send(`* ID ("name" "Dovecot")`, "a1 OK done")
	client.expect(`* ID ("name" "Dovecot")`, "a1 OK done")
}

func TestServerID(t *testing.T) {
	for _, c := range []struct {
		name   string
		client net.Addr
		want   string
	}{
		{"IPv6", &net.TCPAddr{IP: net.ParseIP("2001:db8::7"), Port: 1}, "2001:db8::7"},
		{"IPv4 on a socket for both", &net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.7"), Port: 1}, "192.0.2.7"},
		{"a zone is of no use to others", &net.TCPAddr{IP: net.ParseIP("fe80::7"), Zone: "eth0", Port: 1}, "fe80::7"},
		{"a unix socket", &net.UnixAddr{Name: "@", Net: "unix"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := serverID(&pdp.Connection{ID: "s1", Client: c.client, Local: c.client})
			got := ""
			if i := slices.Index(id, "x-originating-ip"); i >= 0 {
				got = id[i+1]
			}
			if got != c.want || !strings.HasPrefix(strings.Join(id, " "), "x-session-id s1 x-proxy-ttl 4") {
				t.Errorf("%q, want the address %q", id, c.want)
			}
		})
	}
}
