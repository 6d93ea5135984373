package config

import (
	"net"
	"net/netip"
)

// leadsTo tells that who connects to an upstream's address certainly reaches the listener. What names and other interfaces lead to
// shows when it is tried.
func leadsTo(upstream, listener string) bool {
	if upstream == listener {
		return upstream != ""
	}
	uh, up, err := net.SplitHostPort(upstream)
	if err != nil {
		return false
	}
	lh, lp, err := net.SplitHostPort(listener)
	return err == nil && up == lp && everywhere(lh) && (uh == "localhost" || loopback(uh) || everywhere(uh))
}

func everywhere(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
