package config

import (
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// maxStreams is more than any decider could make use of.
const maxStreams = 64

func (d *Decider) fill() {
	replicas := slices.DeleteFunc(append([]string{d.Address}, d.Addresses...), func(a string) bool { return a == "" })
	switch {
	case len(replicas) == 0: // that is an error, and it is not known of what kind
	case slices.ContainsFunc(replicas, func(a string) bool { return !strings.HasPrefix(a, "unix:") }):
		d.TLS.fill(TLSImplicit)
	default:
		d.TLS.fill(TLSOff)
	}
}

// TLSConfig is TLS.Config for the replicas.
func (d Decider) TLSConfig() (*tls.Config, error) {
	if len(d.Addresses) == 0 {
		return d.TLS.Config(d.Address)
	}
	// The server's name is left to whoever connects to each. Where TLS is off, there is nothing to verify.
	c, err := d.TLS.Config("")
	if c == nil || d.TLS.ServerName != "" || d.TLS.InsecureSkipVerify {
		return c, err
	}
	for _, a := range d.Addresses {
		host, _, _ := net.SplitHostPort(a)
		if _, err := netip.ParseAddr(host); err == nil || strings.HasPrefix(a, "unix:") {
			return nil, Problems{{Field: "server_name", Text: "needed: " + strconv.Quote(a) + " has no name"}}
		}
	}
	return c, nil
}

func (v *validator) decider(d Decider) {
	switch {
	case d.Address != "" && len(d.Addresses) > 0:
		v.check(false, "decider.addresses", "not beside address")
		return
	case len(d.Addresses) > 0:
		for i, a := range d.Addresses {
			at := "decider.addresses[" + strconv.Itoa(i) + "]"
			v.address(at, a)
			v.check(!slices.Contains(d.Addresses[:i], a), at, "%q is another replica's", a)
		}
	case d.Address == "":
		v.check(false, "decider.address", "needed")
		return
	default:
		v.target("decider.address", d.Address)
	}
	v.check(d.Deadline > 0, "decider.deadline", "%v is not above 0", d.Deadline)
	v.check(d.InFlight > 0, "decider.in_flight", "%d is not above 0", d.InFlight)
	v.check(d.Streams >= 0 && d.Streams <= maxStreams, "decider.streams", "%d is not from 0 to %d", d.Streams, maxStreams)
	v.check(d.Silence > 0 && d.Silence < 1, "decider.silence", "%v is not between 0 and 1", d.Silence)
	v.check(d.TLS.Mode != TLSStartTLS, "decider.tls.mode", "%q is not off or implicit", d.TLS.Mode)
	_, err := d.TLSConfig()
	v.within("decider.tls", err)
}

// target checks an address of gRPC's name resolution.
func (v *validator) target(field, s string) {
	scheme, rest, ok := strings.Cut(s, ":")
	if ok && (scheme == "unix" || strings.HasPrefix(rest, "//")) {
		v.check(rest != "", field, "names no path")
		return
	}
	v.hostPort(field, s, "host:port, unix:/path or a gRPC target")
}
