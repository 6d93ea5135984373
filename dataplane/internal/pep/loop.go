package pep

import (
	"cmp"
	"errors"
	"hash/maphash"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// errLoop: the server's address leads back here.
var errLoop = errors.New("pep: the server is this dataplane itself")

// loopPause is how long a server's address is not tried again once it was found to lead back here. It ends the sessions that
// are on their way round.
const loopPause = time.Second

// loops notices the connections that have both their ends here. What comes round through another proxy shows in nothing but
// the number of sessions without login, which is bounded.
//
// A connection is noted until its peer says something: who connects here notes it before that, and so does who accepts.
type loops struct {
	mu    sync.Mutex
	seed  maphash.Seed
	conns map[meeting]near
	found map[string]time.Time // when, by the server's address
}

// meeting stands for the ends of a TCP connection, who connected and to what: a hash under a seed of this process. 0: none.
type meeting uint64

// near says how a connection was met here: how often from each side.
type near struct {
	met    [2]int
	server string // the address that was dialed
}

func newLoops() *loops {
	return &loops{seed: maphash.MakeSeed(), conns: map[meeting]near{}, found: map[string]time.Time{}}
}

// accepted notes a client's connection. The error is nil or errLoop; gone is to be called when it need not be noted any more.
func (l *loops) accepted(client, local net.Addr) (meeting, error) {
	return l.note(client, local, session.Client, "")
}

// dialed is the same for a connection to a server.
func (l *loops) dialed(local, remote net.Addr, server string) (meeting, error) {
	return l.note(local, remote, session.Server, server)
}

func (l *loops) note(from, to net.Addr, side session.Side, server string) (meeting, error) {
	a, ok := from.(*net.TCPAddr)
	b, ok2 := to.(*net.TCPAddr)
	if !ok || !ok2 {
		return 0, nil
	}
	m := meeting(maphash.Comparable(l.seed, [2]netip.AddrPort{unmapped(a), unmapped(b)})) | 1
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.conns[m]
	n.met[side]++
	n.server = cmp.Or(server, n.server)
	l.conns[m] = n
	if n.met[session.Client] > 0 && n.met[session.Server] > 0 {
		l.found[n.server] = time.Now()
		return m, errLoop
	}
	return m, nil
}

// gone says that a connection need not be noted any more.
func (l *loops) gone(m meeting, side session.Side) {
	if m == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.conns[m]
	if n.met[side]--; n.met == [2]int{} {
		delete(l.conns, m)
		return
	}
	l.conns[m] = n
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
