package keyring

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

// bed is a ring with one key, of a certificate in a folder.
type bed struct {
	t       *testing.T
	dir     string
	ca      *tlstest.CA
	ring    *Ring
	key     *Key
	changes chan error
}

func newBed(t *testing.T) *bed {
	b := &bed{t: t, dir: t.TempDir(), ca: tlstest.NewCA(t), changes: make(chan error, 100)}
	b.write("first.example")
	b.ring = New(func(k *Key, err error) {
		if k != b.key {
			t.Errorf("told of %v", k)
		}
		b.changes <- err
	})
	return b
}

// add adds the key, whose files are in dir.
func (b *bed) add(dir string) {
	b.t.Helper()
	certificate, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	b.key = &Key{Name: "listener imaps", Files: []string{certificate, key}, Load: func() (*tls.Config, error) {
		c, err := tls.LoadX509KeyPair(certificate, key)
		return &tls.Config{Certificates: []tls.Certificate{c}}, err
	}}
	if err := b.ring.Add(b.key); err != nil {
		b.t.Fatal(err)
	}
}

// write writes another certificate.
func (b *bed) write(name string, change ...func(*x509.Certificate)) {
	b.t.Helper()
	tlstest.Files(b.t, b.ca.Issue(append(change, tlstest.For(name))...), b.dir, "tls")
}

// reloaded waits for a change, and returns what became of it.
func (b *bed) reloaded() error {
	b.t.Helper()
	select {
	case err := <-b.changes:
		return err
	case <-time.After(10 * time.Second):
		b.t.Fatal("the change is not noticed")
		return nil
	}
}

// shows checks which certificate is in use.
func (b *bed) shows(name string) {
	b.t.Helper()
	if got := b.key.Config().Certificates[0].Leaf.DNSNames[0]; got != name {
		b.t.Errorf("%s is in use, want %s", got, name)
	}
}

func TestReload(t *testing.T) {
	b := newBed(t)
	b.add(b.dir)
	b.ring.Reload()
	if len(b.changes) > 0 {
		t.Error("a change is told where there is none")
	}
	b.write("second.example")
	b.shows("first.example") // it has not been asked to
	b.ring.Reload()
	if err := b.reloaded(); err != nil {
		t.Error(err)
	}
	b.shows("second.example")
}

// TestBadNeverReplacesGood: what cannot be used is reported once, and what follows it is used.
func TestBadNeverReplacesGood(t *testing.T) {
	file := func(b *bed, name string) string { return filepath.Join(b.dir, name) }
	for _, c := range []struct {
		name  string
		spoil func(*bed) error
		want  string
	}{
		{"a certificate that is gone", func(b *bed) error { return os.Remove(file(b, "tls.crt")) }, "no such file"},
		{"a key that is gone", func(b *bed) error { return os.Remove(file(b, "tls.key")) }, "no such file"},
		{"an empty certificate", func(b *bed) error { return os.WriteFile(file(b, "tls.crt"), nil, 0o600) }, "failed to find any PEM data"},
		{"half a certificate", func(b *bed) error { return os.Truncate(file(b, "tls.crt"), 200) }, "failed to find any PEM data"},
		{"a key of another certificate", func(b *bed) error {
			_, key := tlstest.Files(b.t, b.ca.Issue(), b.t.TempDir(), "other")
			return os.Rename(key, file(b, "tls.key"))
		}, "private key does not match public key"},
		{"an expired certificate", func(b *bed) error { b.write("old.example", tlstest.Expired); return nil }, "CN=old.example expired on"},
		{"a certificate of tomorrow", func(b *bed) error { b.write("new.example", tlstest.NotYet); return nil }, "CN=new.example is not valid before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			b.add(b.dir)
			if err := c.spoil(b); err != nil {
				t.Fatal(err)
			}
			b.ring.Reload()
			if err := b.reloaded(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			b.shows("first.example")
			b.ring.Reload()
			if len(b.changes) > 0 {
				t.Error("reported twice")
			}
			b.write("good.example")
			b.ring.Reload()
			if err := b.reloaded(); err != nil {
				t.Error(err)
			}
			b.shows("good.example")
		})
	}
}

// TestExpiredReplacesExpired: then it may be the lesser evil, and is what the administrator wants.
func TestExpiredReplacesExpired(t *testing.T) {
	b := newBed(t)
	b.write("first.example", tlstest.Expired)
	b.add(b.dir)
	b.write("second.example", tlstest.Expired)
	b.ring.Reload()
	if err := b.reloaded(); err != nil {
		t.Error(err)
	}
	b.shows("second.example")
}

func TestNotAfter(t *testing.T) {
	b := newBed(t)
	b.add(b.dir)
	if got := time.Until(b.key.NotAfter()); got < 50*time.Minute || got > time.Hour {
		t.Errorf("expires in %v, want an hour", got)
	}
	none := &Key{Load: func() (*tls.Config, error) { return new(tls.Config), nil }}
	if err := b.ring.Add(none); err != nil || !none.NotAfter().IsZero() {
		t.Errorf("%v, %v, want no time where there is no certificate", none.NotAfter(), err)
	}
}

func TestFirstLoadMustSucceed(t *testing.T) {
	b := newBed(t)
	err := b.ring.Add(&Key{Load: func() (*tls.Config, error) { return nil, os.ErrNotExist }})
	if err == nil || len(b.ring.Keys()) > 0 {
		t.Errorf("%v, %d keys", err, len(b.ring.Keys()))
	}
}
