package pep

import (
	"testing"
	"time"
)

// TestSlowClients: hundreds who say next to nothing do not keep one who logs in from it, and are sent away when they have had their time.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const slow = 300
	b := newBed(t, func(o *Options, _ *Listener) {
		o.Sessions = Sessions{All: slow + 1, BeforeLogin: slow + 1, PerNetwork: slow + 1, IPv4: 32, IPv6: 64}
		o.Timeouts.Login = 5 * time.Second
	})
	clients := make([]*peer, slow)
	for i := range clients {
		clients[i] = b.dial()
		clients[i].tolerate(3 * patience)
		b.accept().send("* OK ready")
		clients[i].write("a"[:i%2]) // some say a letter of a tag, the others nothing
	}
	good, server := b.login()
	good.tolerate(3 * patience)
	server.tolerate(3 * patience)
	for _, c := range clients {
		c.expect("* OK ready")
		c.expect("* BYE no login in time")
		c.expectEnd()
	}
	good.send("a1 NOOP")
	server.expect("a1 NOOP")
	server.send("a1 OK done")
	good.expect("a1 OK done")
}
