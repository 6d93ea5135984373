package pep

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestLoop: a dataplane whose server is itself says so, and does not go round. The client is told, whatever stands in front of the
// greeting.
func TestLoop(t *testing.T) {
	for name, change := range map[string]func(*Listener){
		"in the clear": func(*Listener) {},
		"with the PROXY protocol": func(l *Listener) {
			l.Upstream.Proxy = 2
			l.ProxyFrom.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		},
		"under TLS": func(l *Listener) {
			l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
			l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(o *Options, l *Listener) {
				l.Upstream.Address = l.Listener.Addr().String()
				change(l)
			})
			for range 20 {
				client := b.dial()
				switch name {
				case "with the PROXY protocol":
					client.write(headerV1)
				case "under TLS":
					client = newPeer(t, securedBy(t, client.conn))
				}
				if got := client.line(); !strings.HasPrefix(got, "* BYE [UNAVAILABLE] ") {
					t.Fatalf("got %q", got)
				}
				client.expectEnd()
			}
			b.empty()
			// A session and the one it leads to, or more where they were on their way before the first was noticed.
			if n := b.count(Opened); n > 60 {
				t.Errorf("20 clients led to %d sessions", n)
			}
			if !b.looped() {
				t.Error("no event says why")
			}
		})
	}
}

// TestLoopIsTriedAgain: the address may lead elsewhere by then.
func TestLoopIsTriedAgain(t *testing.T) {
	l := newLoops()
	l.found["192.0.2.1:143"] = time.Now()
	if !l.recent("192.0.2.1:143") || l.recent("192.0.2.2:143") {
		t.Error("not the address that was found")
	}
	l.found["192.0.2.1:143"] = time.Now().Add(-loopPause)
	if l.recent("192.0.2.1:143") {
		t.Error("given up for ever")
	}
}

// TestReusedPortIsNoLoop: a client may come from the port that one whose session has just ended came from.
func TestReusedPortIsNoLoop(t *testing.T) {
	b := newBed(t, nil)
	client, _ := b.open()
	l := newLoops()
	for range 2 {
		if _, err := l.accepted(client.conn.RemoteAddr(), client.conn.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.dialed(client.conn.LocalAddr(), client.conn.RemoteAddr(), "x"); err != nil {
		t.Fatalf("%v: it is the other way round", err)
	}
}

// looped tells that an event names the loop.
func (b *bed) looped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Name == Loop || e.Name == "ended" && errors.Is(e.Err, errLoop) && e.Reason == "the server is this dataplane itself" {
			return true
		}
	}
	return false
}
