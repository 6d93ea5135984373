package config

import (
	"net/netip"
	"strconv"
)

// Unix, in ProxyProtocol.From, stands for peers over a unix socket.
const Unix = "unix"

// Networks are those of From, but for Unix. The error is of type Problems, its fields relative to p.
func (p ProxyProtocol) Networks() ([]netip.Prefix, error) {
	v := new(validator)
	var all []netip.Prefix
	for i, s := range p.From {
		if s == Unix {
			continue
		}
		field := "from[" + strconv.Itoa(i) + "]"
		n, err := netip.ParsePrefix(s)
		if addr, notPrefix := netip.ParseAddr(s); notPrefix == nil && addr.Zone() == "" {
			n, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			v.check(false, field, "%q is not a network such as 192.0.2.0/24, an address, or unix", s)
			continue
		}
		v.check(!n.Addr().Is4In6(), field, "%q is an IPv4 network in IPv6 form", s)
		v.check(n.Masked() == n, field, "%q has bits behind its length; the network is %v", s, n.Masked())
		all = append(all, n)
	}
	if v.found != nil {
		return nil, v.found
	}
	return all, nil
}
