package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is the certificate authority of this test binary, and localhost's certificate.
var authority = newPKI()

// pki is an authority with one certificate, for localhost. Its files are ca.pem, server.pem and server.key.
type pki struct {
	ca, certificate, key []byte // in PEM form
	pair                 tls.Certificate
	pool                 *x509.CertPool
}

func newPKI() *pki {
	caKey, ca := issue(nil, nil, &x509.Certificate{
		Subject:  pkix.Name{CommonName: "Gatepost test authority"},
		IsCA:     true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,

		BasicConstraintsValid: true,
	})
	key, leaf := issue(ca, caKey, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "localhost"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	p := &pki{
		ca:          pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}),
		certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}),
		key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		pool:        x509.NewCertPool(),
	}
	p.pool.AddCert(ca)
	if p.pair, err = tls.X509KeyPair(p.certificate, p.key); err != nil {
		panic(err)
	}
	return p
}

// issue signs a certificate; by itself if there is no authority.
func issue(ca *x509.Certificate, caKey *ecdsa.PrivateKey, c *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	if ca == nil {
		ca, caKey = c, key
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, c, ca, &key.PublicKey, caKey)
	if err != nil {
		panic(err)
	}
	issued, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return key, issued
}

// write writes the files.
func (p *pki) write(dir string) error {
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "ca.pem"), p.ca, 0o644),
		os.WriteFile(filepath.Join(dir, "server.pem"), p.certificate, 0o644),
		os.WriteFile(filepath.Join(dir, "server.key"), p.key, 0o600))
}

// shows is how the recorders meet clients, trusts how they meet servers.
func (p *pki) shows() *tls.Config  { return &tls.Config{Certificates: []tls.Certificate{p.pair}} }
func (p *pki) trusts() *tls.Config { return &tls.Config{RootCAs: p.pool, ServerName: "localhost"} }
