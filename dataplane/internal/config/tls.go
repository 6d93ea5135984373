package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
)

// alpn is the ALPN protocol of IMAP (RFC 7301, IANA registry): a peer that offers only others, because it takes the service
// for a web server, is refused in the handshake.
const alpn = "imap"

// Config loads the files and makes the TLS configuration. It is nil with mode off. The error is of type Problems, its fields
// relative to t.
func (t ListenerTLS) Config() (*tls.Config, error) {
	v := new(validator)
	v.oneOf("mode", t.Mode, TLSOff, TLSImplicit, TLSStartTLS, TLSStartTLSOptional)
	v.oneOf("client_certificates", t.ClientCertificates, ClientCertificatesOff, ClientCertificatesOptional, ClientCertificatesRequired)
	c := &tls.Config{MinVersion: v.minVersion(t.MinVersion), NextProtos: []string{alpn}}
	for i, pair := range t.Certificates {
		c.Certificates = append(c.Certificates, v.pair(fmt.Sprintf("certificates[%d].", i), pair.Certificate, pair.Key))
	}
	v.check(t.Mode == TLSOff || len(t.Certificates) > 0, "certificates", "needed where mode is %s", t.Mode)
	switch t.ClientCertificates {
	case ClientCertificatesOptional:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	case ClientCertificatesRequired:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if c.ClientAuth != tls.NoClientCert {
		v.check(t.ClientCA != "", "client_ca", "needed where client_certificates is %s", t.ClientCertificates)
		v.check(t.Mode != TLSOff, "client_certificates", "needs TLS, and mode is off")
	}
	c.ClientCAs = v.authorities("client_ca", t.ClientCA)
	if v.found != nil {
		return nil, v.found
	}
	if t.Mode == TLSOff {
		return nil, nil
	}
	return c, nil
}

// Config is ListenerTLS.Config for connecting to the address.
func (t ClientTLS) Config(address string) (*tls.Config, error) {
	v := new(validator)
	v.oneOf("mode", t.Mode, TLSOff, TLSImplicit, TLSStartTLS)
	c := &tls.Config{
		MinVersion:         v.minVersion(t.MinVersion),
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.InsecureSkipVerify,
		RootCAs:            v.authorities("ca", t.CA),
		NextProtos:         []string{alpn},
	}
	if c.ServerName == "" {
		if strings.HasPrefix(address, "unix:") {
			v.check(t.Mode == TLSOff || t.InsecureSkipVerify, "server_name", "needed: the address has no host")
		}
		// What precedes the last slash is the scheme and resolver of a gRPC target.
		c.ServerName, _, _ = net.SplitHostPort(address[strings.LastIndex(address, "/")+1:])
	}
	if t.Certificate != "" || t.Key != "" {
		c.Certificates = append(c.Certificates, v.pair("", t.Certificate, t.Key))
	}
	if v.found != nil {
		return nil, v.found
	}
	if t.Mode == TLSOff {
		return nil, nil
	}
	return c, nil
}

// Files are the files that Config loads.
func (t ListenerTLS) Files() []string {
	names := []string{t.ClientCA}
	for _, c := range t.Certificates {
		names = append(names, c.Certificate, c.Key)
	}
	return named(names)
}

// Files are the files that Config loads.
func (t ClientTLS) Files() []string { return named([]string{t.CA, t.Certificate, t.Key}) }

func named(names []string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

func (v *validator) minVersion(s string) uint16 {
	v.oneOf("min_version", s, "1.2", "1.3")
	if s == "1.3" {
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

func (v *validator) pair(field, certificate, key string) tls.Certificate {
	chain := v.read(field+"certificate", certificate)
	private := v.read(field+"key", key)
	if chain == nil || private == nil {
		return tls.Certificate{}
	}
	pair, err := tls.X509KeyPair(chain, private)
	v.check(err == nil, field+"certificate", "%s with %s: %v", certificate, key, err)
	return pair
}

func (v *validator) authorities(field, name string) *x509.CertPool {
	if name == "" {
		return nil
	}
	data := v.read(field, name)
	pool := x509.NewCertPool()
	v.check(data == nil || pool.AppendCertsFromPEM(data), field, "%s holds no certificate in PEM form", name)
	return pool
}

func (v *validator) read(field, name string) []byte {
	if name == "" {
		v.check(false, field, "needed")
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		v.check(false, field, "cannot read %s: %v", name, err)
	}
	return data
}
