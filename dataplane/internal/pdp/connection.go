package pdp

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
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
	// TLS is the handshake with the client; nil: the connection is in the clear.
	TLS *tls.ConnectionState
	// Connected is when the client connected.
	Connected time.Time
	// Strict: no decision is reused, each question is asked.
	Strict bool

	static *deciderv1.Session
}

// Prepare makes ready what all questions share. It is called once all fields are set; a Connection does not change
// afterwards.
func (c *Connection) Prepare() *Connection {
	c.static = &deciderv1.Session{
		Id:              text(c.ID),
		Dataplane:       text(c.Dataplane),
		Listener:        text(c.Listener),
		Client:          endpoint(c.Client),
		Local:           endpoint(c.Local),
		Tls:             handshake(c.TLS),
		ConnectedUnixMs: c.Connected.UnixMilli(),
	}
	return c
}

func endpoint(a net.Addr) *deciderv1.Endpoint {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return &deciderv1.Endpoint{}
	}
	ap := t.AddrPort()
	return &deciderv1.Endpoint{Address: ap.Addr().Unmap().WithZone("").String(), Port: uint32(ap.Port())}
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
