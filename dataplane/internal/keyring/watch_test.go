package keyring

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

// TestWatch: each way in which certificates are replaced is noticed.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name string
		// lay makes the folder that the key's files are in; replace replaces them.
		lay     func(*bed) string
		replace func(*bed)
	}{
		{"written in place", func(b *bed) string { return b.dir }, func(b *bed) { b.write("second.example") }},
		{"renamed into place", func(b *bed) string { return b.dir }, func(b *bed) {
			certificate, key := tlstest.Files(b.t, b.ca.Issue(tlstest.For("second.example")), b.t.TempDir(), "new")
			b.rename(certificate, filepath.Join(b.dir, "tls.crt"))
			b.rename(key, filepath.Join(b.dir, "tls.key"))
		}},
		{"a ConfigMap or Secret of Kubernetes", func(b *bed) string {
			// A volume has files that link to ..data/file, and ..data links to a folder with the time in its name.
			volume := filepath.Join(b.dir, "volume")
			b.version(volume, "..2026_01", "first.example")
			b.link("..2026_01", filepath.Join(volume, "..data"))
			b.link("..data/tls.crt", filepath.Join(volume, "tls.crt"))
			b.link("..data/tls.key", filepath.Join(volume, "tls.key"))
			return volume
		}, func(b *bed) {
			volume := filepath.Join(b.dir, "volume")
			b.version(volume, "..2026_02", "second.example")
			b.link("..2026_02", filepath.Join(volume, "..data_tmp"))
			b.rename(filepath.Join(volume, "..data_tmp"), filepath.Join(volume, "..data"))
			if err := os.RemoveAll(filepath.Join(volume, "..2026_01")); err != nil {
				b.t.Fatal(err)
			}
		}},
		{"links to an archive, as certbot has them", func(b *bed) string {
			b.version(b.dir, "archive1", "first.example")
			live := filepath.Join(b.dir, "live")
			if err := os.Mkdir(live, 0o700); err != nil {
				b.t.Fatal(err)
			}
			b.link("../archive1/tls.crt", filepath.Join(live, "tls.crt"))
			b.link("../archive1/tls.key", filepath.Join(live, "tls.key"))
			return live
		}, func(b *bed) {
			b.version(b.dir, "archive2", "second.example")
			for _, name := range []string{"tls.crt", "tls.key"} {
				at := filepath.Join(b.dir, "live", name)
				if err := os.Remove(at); err != nil {
					b.t.Fatal(err)
				}
				b.link("../archive2/"+name, at)
			}
		}},
		{"what a link leads to", func(b *bed) string {
			b.version(b.dir, "real", "first.example")
			live := filepath.Join(b.dir, "live")
			if err := os.Mkdir(live, 0o700); err != nil {
				b.t.Fatal(err)
			}
			b.link("../real/tls.crt", filepath.Join(live, "tls.crt"))
			b.link("../real/tls.key", filepath.Join(live, "tls.key"))
			return live
		}, func(b *bed) { b.version(b.dir, "real", "second.example") }},
		{"a link further up, which no watch reports", func(b *bed) string {
			b.version(b.dir, "v1", "first.example")
			b.link("v1", filepath.Join(b.dir, "current"))
			return filepath.Join(b.dir, "current")
		}, func(b *bed) {
			b.version(b.dir, "v2", "second.example")
			b.link("v2", filepath.Join(b.dir, "next"))
			b.rename(filepath.Join(b.dir, "next"), filepath.Join(b.dir, "current"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			b.add(c.lay(b))
			every := poll
			if c.name == "a link further up, which no watch reports" {
				every = 100 * time.Millisecond
			}
			if err := b.ring.watch(t.Context(), every); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond) // the watches stand
			c.replace(b)
			// A change may be seen while the files do not fit each other yet.
			for b.key.Config().Certificates[0].Leaf.DNSNames[0] != "second.example" {
				if err := b.reloaded(); err != nil {
					t.Log(err)
				}
			}
		})
	}
}

// version writes a certificate into a folder.
func (b *bed) version(dir, name, host string) {
	b.t.Helper()
	dir = filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.t.Fatal(err)
	}
	tlstest.Files(b.t, b.ca.Issue(tlstest.For(host)), dir, "tls")
}

func (b *bed) link(to, name string) {
	b.t.Helper()
	if err := os.Symlink(to, name); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) rename(from, to string) {
	b.t.Helper()
	if err := os.Rename(from, to); err != nil {
		b.t.Fatal(err)
	}
}
