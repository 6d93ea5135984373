package pep

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// errLoop: the server's address leads back here.
var errLoop = errors.New("pep: the server is this dataplane itself")

// loopPause is how long a server's address is not tried again once it was found to lead back here. It ends the sessions that
// are on their way round.
const loopPause = time.Second

// loops notices the connections that have both their ends here. What comes round through another proxy shows in nothing but
// the number of sessions without login, which is bounded.
type loops struct {
	mu    sync.Mutex
	conns map[ends]*near
	found map[string]time.Time // when, by the server's address
}

// ends are those of a TCP connection: who connected, and to what.
type ends [2]netip.AddrPort

// near says how a connection was met here.
type near struct {
	accepted, dialed int
	server           string // the address that was dialed
}

func newLoops() *loops {
	return &loops{conns: map[ends]*near{}, found: map[string]time.Time{}}
}

// accepted notes a client's connection. The error is nil or errLoop; gone is called when the session has ended.
func (l *loops) accepted(conn net.Conn) (gone func(), err error) {
	return l.note(conn.RemoteAddr(), conn.LocalAddr(), func(n *near, by int) { n.accepted += by })
}

// dialed is the same for a connection to a server.
func (l *loops) dialed(conn net.Conn, server string) (gone func(), err error) {
	return l.note(conn.LocalAddr(), conn.RemoteAddr(), func(n *near, by int) {
		n.dialed += by
		n.server = server
	})
}

func (l *loops) note(from, to net.Addr, count func(n *near, by int)) (gone func(), err error) {
	a, ok := from.(*net.TCPAddr)
	b, ok2 := to.(*net.TCPAddr)
	if !ok || !ok2 {
		return func() {}, nil
	}
	e := ends{unmapped(a), unmapped(b)}
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.conns[e]
	if n == nil {
		n = new(near)
		l.conns[e] = n
	}
	count(n, 1)
	if n.accepted > 0 && n.dialed > 0 {
		l.found[n.server] = time.Now()
		err = errLoop
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if count(n, -1); n.accepted+n.dialed == 0 {
			delete(l.conns, e)
		}
	}, err
}

// recent tells that the server's address was found to lead back here a moment ago.
func (l *loops) recent(server string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.found[server]) < loopPause
}

func unmapped(a *net.TCPAddr) netip.AddrPort {
	ap := a.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
