package keyring

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Live is a configuration for connecting that keeps to the key as it changes, for those who hold on to one: gRPC.
func (k *Key) Live() *tls.Config {
	c := k.Config().Clone()
	c.Certificates = nil
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if own := k.Config().Certificates; len(own) > 0 {
			return &own[0], nil
		}
		return new(tls.Certificate), nil
	}
	if c.InsecureSkipVerify {
		return c
	}
	// crypto/tls would verify by the authorities of now for ever. It is told not to, and the same is done by those of then.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(s tls.ConnectionState) error {
		name := c.ServerName
		if name == "" {
			name = s.ServerName // which whoever connects has set
		}
		return verify(s.PeerCertificates, name, k.Config().RootCAs)
	}
	return c
}

// verify is what crypto/tls does with a server's certificates.
func verify(chain []*x509.Certificate, name string, roots *x509.CertPool) error {
	if name == "" {
		return errors.New("keyring: no server name to verify")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between})
	return err
}
