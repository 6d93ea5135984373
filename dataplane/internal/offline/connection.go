package offline

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/transcript"
)

// connection is what policy is told of a client with these facts.
func connection(id string, f transcript.Facts, secure bool) *pdp.Connection {
	if !f.Client.IsValid() {
		f.Client = netip.MustParseAddr("192.0.2.1") // RFC 5737
	}
	if f.Connected.IsZero() {
		f.Connected = time.Now()
	}
	c := &pdp.Connection{
		ID:        id,
		Listener:  f.Listener,
		Client:    net.TCPAddrFromAddrPort(netip.AddrPortFrom(f.Client, 40000)),
		Connected: f.Connected,
	}
	if secure {
		c.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, ServerName: f.ServerName}
		if len(f.DNSNames)+len(f.EmailAddresses) > 0 {
			c.TLS.VerifiedChains = [][]*x509.Certificate{{{DNSNames: f.DNSNames, EmailAddresses: f.EmailAddresses}}}
		}
	}
	return c.Prepare()
}
