package pep

import (
	"net"
	"strconv"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// proxyTTL is what is left of the hops that Dovecot gives a session, five, behind this one. A Dovecot proxy takes one more
// each, and refuses to go on at one.
const proxyTTL = "4"

// serverID is what a server that trusts the dataplane is told of the client, in Dovecot's fields (login_trusted_networks).
func serverID(c *pdp.Connection) []string {
	id := []string{"x-session-id", c.ID, "x-proxy-ttl", proxyTTL}
	for _, end := range []struct {
		name string
		addr net.Addr
	}{{"x-originating", c.Client}, {"x-connected", c.Local}} {
		if tcp, ok := end.addr.(*net.TCPAddr); ok {
			a := unmapped(tcp)
			id = append(id, end.name+"-ip", a.Addr().WithZone("").String(), end.name+"-port", strconv.Itoa(int(a.Port())))
		}
	}
	return id
}
