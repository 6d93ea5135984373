package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"
)

// TLSFiles are the files that TLS towards dataplanes is made of.
type TLSFiles struct {
	// Certificate and Key are PEM files. ClientCA too; empty: no certificate is asked for.
	Certificate, Key, ClientCA string
}

// Config loads the files. The result looks for changes before each handshake, and goes on with what it has if a changed file
// is no good.
func (f TLSFiles) Config() (*tls.Config, error) {
	r := &reloading{files: f}
	if _, err := r.current(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return r.current()
		},
	}, nil
}

// reloading holds what was last loaded.
type reloading struct {
	files TLSFiles

	mu     sync.Mutex
	config *tls.Config
	stamp  string
}

func (r *reloading) current() (*tls.Config, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stamp := r.files.stamp()
	if r.config != nil && stamp == r.stamp {
		return r.config, nil
	}
	c, err := r.files.load()
	if err != nil && r.config == nil {
		return nil, err
	}
	if err == nil {
		r.config, r.stamp = c, stamp
	}
	return r.config, nil
}

// stamp changes when one of the files does.
func (f TLSFiles) stamp() string {
	s := ""
	for _, name := range []string{f.Certificate, f.Key, f.ClientCA} {
		if info, err := os.Stat(name); err == nil {
			s += fmt.Sprintf("%s %d;", info.ModTime().Format(time.RFC3339Nano), info.Size())
		}
	}
	return s
}

func (f TLSFiles) load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return nil, fmt.Errorf("server: tls: %w", err)
	}
	c := &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"h2"},
	}
	if f.ClientCA == "" {
		return c, nil
	}
	data, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("server: tls: %w", err)
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("server: tls: %s holds no certificate in PEM form", f.ClientCA)
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	return c, nil
}
