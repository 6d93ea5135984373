package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// neomutt opens the mailbox, copies every message into a folder here, marks one as deleted, and quits. script(1) gives it the
// terminal that it wants.
func TestNeomutt(t *testing.T) {
	neomutt := need(t, "neomutt", "neomutt")
	script := need(t, "bsdutils", "script")
	overEach(t, func(t *testing.T, b *bed) {
		// It enables UTF8=ACCEPT although it was not told of it, and the dataplane refuses.
		b.setup.altered = true
		c := newClient(b)
		var messages []string
		for _, name := range mailbox {
			messages = append(messages, mail[name])
		}
		b.server.deliver(t, b.user, "INBOX", messages...)
		scheme, starttls := "imap", "no"
		switch b.mode() {
		case tlsImplicit:
			scheme = "imaps"
		case tlsStart:
			starttls = "yes"
		}
		rc := c.file("neomuttrc", fmt.Sprintf(`
set imap_user="%s" imap_pass="%s" ssl_force_tls=no ssl_starttls=%s
set certificate_file="%s/ca.pem" ssl_ca_certificates_file="%s/ca.pem"
set folder="%s" mbox_type=Maildir record="" copy=no header_cache="" quit=yes delete=yes confirmcreate=no confirmappend=no
set wait_key=no beep=no mail_check=0 imap_check_subscribed=no imap_passive=yes
push "<tag-pattern>~A<enter><tag-prefix><copy-message>%s/copied<enter><untag-pattern>~A<enter>1<enter><delete-message><quit>"
`, b.user, password, starttls, c.dir, c.dir, c.dir, c.dir))
		c.run(script, "--quiet", "--return", "--command",
			fmt.Sprintf("%s -n -F %s -f %s://localhost:%s/INBOX", neomutt, rc, scheme, b.port), filepath.Join(c.dir, "screen"))

		copies := filepath.Join(c.dir, "copied", "new")
		files, err := os.ReadDir(copies)
		must(t, err)
		var copied []string
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(copies, f.Name()))
			must(t, err)
			copied = append(copied, strings.ReplaceAll(added.ReplaceAllString(string(text), ""), "\n", "\r\n"))
		}
		if slices.Sort(copied); !slices.Equal(copied, slices.Sorted(slices.Values(messages))) {
			t.Errorf("copied %q", copied)
		}
		if left := b.texts("INBOX"); !slices.Equal(left, messages[1:]) {
			t.Errorf("left %q", left)
		}
	})
}

// added are the headers that neomutt adds to a copy.
var added = regexp.MustCompile(`(?m)^(Content-Length|Lines): [0-9]+\n`)
