package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// offlineimap syncs a mailbox both ways.
func TestOfflineIMAP(t *testing.T) {
	offlineimap := need(t, "offlineimap3", "offlineimap")
	overEach(t, func(t *testing.T, b *bed) {
		c := newClient(b)
		rc := c.file("offlineimaprc", offlineimapConfig(b, c.dir))
		maildir := filepath.Join(c.dir, "local", "INBOX")
		sync := func() {
			// Under TLS, and behind STARTTLS more than once in ten tries, one of its threads (imaplib2) reads from the connection while another writes, which Python's ssl does not bear: it then
			// reports an internal error of its own, or hangs, before it has done anything.
			for try := 1; ; try++ {
				_, err := c.try(patience, offlineimap, "-c", rc, "-o", "-u", "basic")
				if err == nil {
					return
				}
				if b.mode() == tlsOff || try == 5 {
					t.Fatal(err)
				}
				t.Log("again: ", err)
			}
		}
		// It writes what it has parsed: of a message in parts not the same octets, with or without Gatepost.
		b.syncs(100, maildir, sync, mail["plain"], func() {
			files, err := filepath.Glob(filepath.Join(maildir, "new", "*"))
			must(t, err)
			must(t, os.Remove(files[len(files)/2]))
		})
	})
}

func offlineimapConfig(b *bed, dir string) string {
	ssl, starttls := "no", "no"
	switch b.mode() {
	case tlsImplicit:
		ssl = "yes"
	case tlsStart:
		starttls = "yes"
	}
	return fmt.Sprintf(`
[general]
accounts = gatepost
metadata = %[1]s/metadata

[Account gatepost]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = %[1]s/local

[Repository far]
type = IMAP
remotehost = localhost
remoteport = %[2]s
remoteuser = %[3]s
remotepass = %[4]s
ssl = %[5]s
starttls = %[6]s
sslcacertfile = %[1]s/ca.pem
folderfilter = lambda name: name == 'INBOX'
`, dir, b.port, b.user, password, ssl, starttls)
}
