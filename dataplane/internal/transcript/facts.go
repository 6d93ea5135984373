package transcript

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Facts are what a dataplane would tell a policy of the client's connection. The zero value is a client at 192.0.2.1 that connects
// now, to a listener without a name.
type Facts struct {
	// Client is the client's address.
	Client netip.Addr
	// Listener is the listener's name.
	Listener string
	// Connected is when the client connected. Zero: now.
	Connected time.Time
	// ServerName is the name in SNI; DNSNames and EmailAddresses are those in the client's certificate, which was verified. They
	// count where the connection is under TLS.
	ServerName               string
	DNSNames, EmailAddresses []string
}

// set sets one; known false: there is none of that name.
func (f *Facts) set(key, value string) (known bool, err error) {
	switch key {
	case "client":
		if f.Client, err = netip.ParseAddr(value); err != nil {
			err = fmt.Errorf("%q is not an IP address", value)
		}
	case "listener":
		f.Listener = value
	case "connected":
		if f.Connected, err = time.Parse(time.RFC3339, value); err != nil {
			err = fmt.Errorf("%q is not a time such as 2026-03-02T09:00:00Z", value)
		}
	case "server_name":
		f.ServerName = value
	case "certificate_dns":
		f.DNSNames = strings.Split(value, ",")
	case "certificate_email":
		f.EmailAddresses = strings.Split(value, ",")
	default:
		return false, nil
	}
	return true, err
}
