package pdp

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"time"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Connection is what does not change while a client is connected, but for TLS, which STARTTLS brings.
type Connection struct {
	// ID identifies the session in the logs of both programs.
	ID string
	// Dataplane and Listener are the configured names.
	Dataplane, Listener string
	// Client is the user's address, Local the one it connected to.
	Client, Local net.Addr
	// TLS is the handshake with the client, for Prepare, which keeps what questions say of it alone; nil: the connection is in the clear.
	TLS *tls.ConnectionState
	// Connected is when the client connected.
	Connected time.Time
	// Strict: no decision is reused, each question is asked.
	Strict bool

	tls *deciderv1.Tls
}

// Prepare makes ready what questions share. It is called once all fields are set; a Connection does not change afterwards.
// What can be made again in a moment is not kept: sessions are many, and few of them ask.
func (c *Connection) Prepare() *Connection {
	c.tls, c.TLS = handshake(c.TLS), nil
	return c
}

// Secured is the handshake as questions have it; nil: the connection is in the clear.
func (c *Connection) Secured() *deciderv1.Tls { return c.tls }

func endpoint(a net.Addr) *deciderv1.Endpoint {
	ap := addrPort(a)
	if !ap.IsValid() {
		return &deciderv1.Endpoint{}
	}
	return &deciderv1.Endpoint{Address: ap.Addr().String(), Port: uint32(ap.Port())}
}

// addrPort is an address as questions have it; the zero value: it has none.
func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
}

func handshake(s *tls.ConnectionState) *deciderv1.Tls {
	if s == nil {
		return nil
	}
	t := &deciderv1.Tls{
		Version:     strings.TrimPrefix(tls.VersionName(s.Version), "TLS "),
		CipherSuite: tls.CipherSuiteName(s.CipherSuite),
		ServerName:  text(s.ServerName),
	}
	if len(s.VerifiedChains) == 0 {
		return t
	}
	leaf := s.VerifiedChains[0][0]
	sum := sha256.Sum256(leaf.Raw)
	t.ClientCertificate = &deciderv1.ClientCertificate{
		Subject:        text(leaf.Subject.String()),
		DnsNames:       texts(leaf.DNSNames),
		EmailAddresses: texts(leaf.EmailAddresses),
		Sha256:         hex.EncodeToString(sum[:]),
	}
	for _, u := range leaf.URIs {
		t.ClientCertificate.Uris = append(t.ClientCertificate.Uris, text(u.String()))
	}
	return t
}
