package pep

import (
	"net"
	"net/netip"
	"sync"
)

// Sessions bounds how many sessions there may be at once.
type Sessions struct {
	// All is how many in all, BeforeLogin how many of them without login, PerNetwork how many from one client network.
	All, BeforeLogin, PerNetwork int
	// IPv4 and IPv6 are the lengths of the prefixes that make a client network.
	IPv4, IPv6 int
}

// The bounds, as events name them.
const (
	boundAll         = "limits.sessions"
	boundBeforeLogin = "limits.sessions_before_login"
	boundPerNetwork  = "limits.sessions_per_network"
)

// admission counts the sessions, and says where there may not be one more.
type admission struct {
	mu           sync.Mutex
	bounds       Sessions
	all, waiting int // waiting: without login
	networks     map[netip.Prefix]*network
}

func newAdmission(b Sessions) *admission {
	return &admission{bounds: b, networks: map[netip.Prefix]*network{}}
}

// bind replaces the bounds. Those who have a place keep it.
func (a *admission) bind(b Sessions) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bounds = b
}

// place is what one session takes up.
type place struct {
	of      *admission
	waiting bool
	network *network // nil: it counts for none
}

// network is where so many sessions come from.
type network struct {
	prefix   netip.Prefix
	sessions int
}

// enter gives a connection its place; nil: there is none, for that bound.
func (a *admission) enter() (p *place, bound string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.all >= a.bounds.All:
		return nil, boundAll
	case a.waiting >= a.bounds.BeforeLogin:
		return nil, boundBeforeLogin
	}
	a.all++
	a.waiting++
	return &place{of: a, waiting: true}, ""
}

// from counts the session for the client's network, once it is known; false: that has as many as it may.
func (p *place) from(client net.Addr) bool {
	tcp, ok := client.(*net.TCPAddr)
	if !ok {
		return true
	}
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	addr := unmapped(tcp).Addr().WithZone("")
	bits := p.of.bounds.IPv6
	if addr.Is4() {
		bits = p.of.bounds.IPv4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil || !prefix.IsValid() {
		return true // no address, or no such prefix
	}
	n := p.of.networks[prefix]
	if n == nil {
		n = &network{prefix: prefix}
	}
	if n.sessions >= p.of.bounds.PerNetwork {
		return false
	}
	n.sessions++
	p.of.networks[prefix] = n
	p.network = n
	return true
}

// loggedIn tells that the session has logged in.
func (p *place) loggedIn() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.settle()
}

func (p *place) settle() {
	if p.waiting {
		p.waiting = false
		p.of.waiting--
	}
}

// leave gives the place back.
func (p *place) leave() {
	a := p.of
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all--
	p.settle()
	if n := p.network; n != nil {
		if n.sessions--; n.sessions == 0 {
			delete(a.networks, n.prefix)
		}
	}
}

// sessions is how many there are.
func (a *admission) sessions() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all
}
