package pep

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// address is a socket's address as package net has it.
func address(a syscall.Sockaddr) net.Addr {
	switch a := a.(type) {
	case *syscall.SockaddrInet4:
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)))
	case *syscall.SockaddrInet6:
		ip := netip.AddrFrom16(a.Addr).Unmap()
		if a.ZoneId != 0 {
			ip = ip.WithZone(zone(int(a.ZoneId)))
		}
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(a.Port)))
	case *syscall.SockaddrUnix:
		return &net.UnixAddr{Name: a.Name, Net: "unix"}
	}
	return &net.UnixAddr{Net: "unix"} // it has no name
}

// zone is the name of an interface (RFC 4007 section 11).
func zone(index int) string {
	if i, err := net.InterfaceByIndex(index); err == nil {
		return i.Name
	}
	return strconv.Itoa(index)
}

// localAddress is the address of this end of a connection.
func localAddress(fd int) net.Addr {
	a, err := syscall.Getsockname(fd)
	if err != nil {
		return &net.TCPAddr{}
	}
	return address(a)
}

// sockaddr is an address that can be connected to without looking anything up; nil: it is none, but a name.
func sockaddr(network, addr string) syscall.Sockaddr {
	if network == "unix" {
		return &syscall.SockaddrUnix{Name: addr}
	}
	ap, err := netip.ParseAddrPort(addr)
	if err != nil || network != "tcp" || ap.Addr().Zone() != "" || ap.Addr().IsUnspecified() {
		return nil
	}
	if ip := ap.Addr(); ip.Is4() || ip.Is4In6() {
		return &syscall.SockaddrInet4{Addr: ip.Unmap().As4(), Port: int(ap.Port())}
	}
	return &syscall.SockaddrInet6{Addr: ap.Addr().As16(), Port: int(ap.Port())}
}
