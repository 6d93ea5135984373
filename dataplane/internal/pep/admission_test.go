package pep

import (
	"net"
	"testing"
	"time"
)

// empty waits until there is no session.
func (b *bed) empty() {
	b.t.Helper()
	for end := time.Now().Add(patience); b.server.Sessions() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%d sessions are left", b.server.Sessions())
		}
	}
}

// sentAway connects a client that finds no place, for the bound.
func (b *bed) sentAway(bound string) {
	b.t.Helper()
	client := b.dial()
	client.expect("* BYE [UNAVAILABLE] too many sessions")
	client.expectEnd()
	if e := b.event(TooMany); e.Reason != bound {
		b.t.Errorf("%+v, want the bound %s", e, bound)
	}
}

// TestBoundOfSessions: one more than there may be is sent away, and the place of one that ends is given to the next.
func TestBoundOfSessions(t *testing.T) {
	for bound, change := range map[string]func(*Sessions){
		boundAll:         func(s *Sessions) { s.All = 2 },
		boundBeforeLogin: func(s *Sessions) { s.BeforeLogin = 2 },
		boundPerNetwork:  func(s *Sessions) { s.PerNetwork, s.IPv4 = 2, 8 },
	} {
		t.Run(bound, func(t *testing.T) {
			b := newBed(t, func(o *Options, _ *Listener) { change(&o.Sessions) })
			for range 2 {
				clients := make([]*peer, 2)
				for i := range clients {
					clients[i], _ = b.open()
				}
				b.sentAway(bound)
				for _, c := range clients {
					c.conn.Close()
				}
				b.empty()
			}
		})
	}
}

// TestBoundBeforeLoginIsForThoseWithoutLogin: who has logged in does not count.
func TestBoundBeforeLoginIsForThoseWithoutLogin(t *testing.T) {
	b := newBed(t, func(o *Options, _ *Listener) { o.Sessions.BeforeLogin = 1 })
	for range 3 {
		b.login()
	}
	b.open()
	b.sentAway(boundBeforeLogin)
}

// TestBoundPerNetworkIsOfTheUser, and not of the balancer that stands before many.
func TestBoundPerNetworkIsOfTheUser(t *testing.T) {
	b := balanced(t, func(o *Options, _ *Listener) { o.Sessions.PerNetwork = 1 })
	for _, user := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
		client := b.dial()
		client.write("PROXY TCP4 " + user + " 198.51.100.1 40000 993\r\n")
		b.accept().send("* OK ready")
		client.expect("* OK ready")
	}
	second := b.dial()
	second.write("PROXY TCP4 192.0.2.2 198.51.100.1 40001 993\r\n")
	second.expect("* BYE [UNAVAILABLE] too many sessions")
	if e := b.event(TooMany); e.Client != "192.0.2.2:40001" || e.Reason != boundPerNetwork {
		t.Errorf("%+v", e)
	}
}

// TestBoundUnderTLS: nothing can be said, and no handshake is begun.
func TestBoundUnderTLS(t *testing.T) {
	b := newBed(t, func(o *Options, l *Listener) {
		o.Sessions.PerNetwork = 1
		l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
	})
	first := newPeer(t, securedBy(t, b.dial().conn))
	b.accept().send("* OK ready")
	first.expect("* OK ready")
	b.dial().expectEnd()
	b.event(TooMany)
}

func TestNetworks(t *testing.T) {
	addr := func(s string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, c := range []struct {
		name          string
		first, second net.Addr
		same          bool
	}{
		{"one address", addr("192.0.2.7:1"), addr("192.0.2.7:2"), true},
		{"one address, on a socket for both", addr("192.0.2.7:1"), &net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.7"), Port: 2}, true},
		{"one /24", addr("192.0.2.7:1"), addr("192.0.2.8:1"), true},
		{"another /24", addr("192.0.2.7:1"), addr("192.0.3.7:1"), false},
		{"one /64", addr("[2001:db8::7]:1"), addr("[2001:db8::ffff]:1"), true},
		{"another /64", addr("[2001:db8::7]:1"), addr("[2001:db8:0:1::7]:1"), false},
		{"unix sockets are no network", &net.UnixAddr{Name: "@"}, &net.UnixAddr{Name: "@"}, false},
		{"no address is no network", &net.TCPAddr{}, &net.TCPAddr{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAdmission(Sessions{All: 9, BeforeLogin: 9, PerNetwork: 1, IPv4: 24, IPv6: 64})
			p, _ := a.enter()
			q, _ := a.enter()
			if !p.from(c.first) {
				t.Fatal("the first has no place")
			}
			if got := !q.from(c.second); got != c.same {
				t.Errorf("same network: %t, want %t", got, c.same)
			}
			p.leave()
			q.leave()
			if len(a.networks) > 0 || a.all != 0 || a.waiting != 0 {
				t.Errorf("left behind: %+v", a)
			}
		})
	}
}
