package pep

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pires/go-proxyproto"
)

// ProxyFrom are the peers that a header of the PROXY protocol is read from.
type ProxyFrom struct {
	// Networks are those whose connections begin with a header.
	Networks []netip.Prefix
	// Unix: those over a unix socket do.
	Unix bool
}

// trusts tells that the peer's connection must begin with a header.
func (f ProxyFrom) trusts(peer net.Addr) bool {
	switch a := peer.(type) {
	case *net.TCPAddr:
		addr := a.AddrPort().Addr().Unmap().WithZone("")
		return slices.ContainsFunc(f.Networks, func(n netip.Prefix) bool { return n.Contains(addr) })
	case *net.UnixAddr:
		return f.Unix
	}
	return false
}

// introduced reads the header that begins a balancer's connection: who the client is, and what it connected to. Of a
// connection of the balancer's own (LOCAL, UNKNOWN) these are the connection's.
func (s *Server) introduced(conn net.Conn) (client, local net.Addr, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(s.opt.Timeouts.ProxyHeader)); err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(s.starting, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	h, err := proxyHeader(conn)
	if !stop() {
		return nil, nil, context.Canceled
	}
	if err != nil {
		return nil, nil, fmt.Errorf("no PROXY header: %w", err)
	}
	if h.Command.IsLocal() {
		return conn.RemoteAddr(), conn.LocalAddr(), conn.SetReadDeadline(time.Time{})
	}
	return h.SourceAddr, h.DestinationAddr, conn.SetReadDeadline(time.Time{})
}

// The lengths of headers, in octets.
const (
	shortestV1 = len("PROXY UNKNOWN\r\n")
	longestV1  = 107
	headV2     = 16 // of which the last two say how many follow
)

var (
	errDatagram   = errors.New("a client by datagrams")
	errIntroduced = errors.New("pep: a PROXY header where none is read")
)

// proxyHeader reads a header, in whatever pieces it comes, and no octet behind it, so that the connection can be used as it is. The
// library parses it.
func proxyHeader(r io.Reader) (*proxyproto.Header, error) {
	b := make([]byte, shortestV1, 256)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	more := func(n int) error {
		b = append(b, make([]byte, n)...)
		_, err := io.ReadFull(r, b[len(b)-n:])
		return err
	}
	switch {
	case bytes.HasPrefix(b, proxyproto.SIGV2):
		if err := more(headV2 - len(b)); err != nil {
			return nil, err
		}
		rest := binary.BigEndian.Uint16(b[headV2-2:])
		if rest > proxyproto.MaxV2HeaderSize {
			return nil, fmt.Errorf("%w: %d octets", proxyproto.ErrInvalidLength, rest)
		}
		if err := more(int(rest)); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(b, proxyproto.SIGV1):
		for b[len(b)-1] != '\n' {
			if len(b) >= longestV1 {
				return nil, proxyproto.ErrVersion1HeaderTooLong
			}
			if err := more(1); err != nil {
				return nil, err
			}
		}
	default:
		return nil, proxyproto.ErrNoProxyProtocol
	}
	h, err := proxyproto.Read(bufio.NewReaderSize(bytes.NewReader(b), len(b)))
	if err == nil && h.TransportProtocol.IsDatagram() {
		err = errDatagram
	}
	return h, err
}

// introduction tells a server who the client is.
func introduction(version byte, client, local net.Addr) ([]byte, error) {
	return proxyproto.HeaderProxyFromAddrs(version, client, local).Format()
}

// introduce sends it.
func introduce(conn net.Conn, version byte, client, local net.Addr) error {
	header, err := introduction(version, client, local)
	if err == nil {
		_, err = conn.Write(header)
	}
	return err
}

// looksIntroduced tells that a client's first octets are a header of version 1. Where none is read it would be a command, under the
// tag PROXY; one of version 2 is no line at all.
func looksIntroduced(p []byte) bool { return bytes.HasPrefix(p, []byte("PROXY ")) }
