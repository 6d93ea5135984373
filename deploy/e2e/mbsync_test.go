package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// synced is how many messages mbsync finds at the server; in the clear, a tenth of it.
const synced = 1000

// mbsync syncs a mailbox both ways.
func TestMbsync(t *testing.T) {
	mbsync := need(t, "isync", "mbsync")
	overEach(t, func(t *testing.T, b *bed) {
		c := newClient(b)
		rc := c.file("mbsyncrc", mbsyncConfig(b, c.dir))
		n := synced
		if b.mode() == tlsOff {
			n /= 10
		}
		maildir := filepath.Join(c.dir, "local")
		b.syncs(n, maildir, func() { c.run(mbsync, "--config", rc, "--all") }, mail["nested"], func() { deleteHere(t, maildir) })
	})
}

// syncs has n messages synced with a maildir, and then both ways what is new at the server, what is new here, and what is gone on
// either side, of which remove takes one message here. Afterwards both sides hold the same messages.
func (b *bed) syncs(n int, maildir string, sync func(), arrives string, remove func()) {
	t := b.t
	t.Helper()
	b.server.deliver(t, b.user, "INBOX", numbered("server", n)...)
	sync()
	b.same(maildir, n)

	must(t, os.WriteFile(filepath.Join(maildir, "new", "1.mail.here"), []byte(lf(numbered("here", 1)[0])), 0o600))
	direct := b.server.direct(t, b.user)
	_, err := direct.Select("INBOX", nil).Wait()
	must(t, err)
	must(t, direct.Store(imap.SeqSetNum(1, 2, 3), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	_, err = direct.Expunge().Collect()
	must(t, err)
	appendMessage(t, direct, "INBOX", arrives)
	appendMessage(t, direct, "INBOX", large(3<<20))
	must(t, direct.Logout().Wait())
	remove()
	sync()
	b.same(maildir, n-3+1+2-1)
}

func mbsyncConfig(b *bed, dir string) string {
	ssl := map[string]string{tlsOff: "None", tlsImplicit: "IMAPS", tlsStart: "STARTTLS"}[b.mode()]
	return fmt.Sprintf(`
IMAPAccount gatepost
Host %s
Port %s
User %s
PassCmd "echo $PASSWORD"
AuthMechs LOGIN
SSLType %s
CertificateFile %s/ca.pem

IMAPStore far
Account gatepost

MaildirStore near
Inbox %s/local

Channel both
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync All
Expunge Both
SyncState *
`, "localhost", b.port, b.user, ssl, dir, dir)
}

// numbered are n small messages that differ.
func numbered(where string, n int) (messages []string) {
	for i := range n {
		messages = append(messages, fmt.Sprintf("From: %s@example.org\r\nSubject: %d\r\nMessage-ID: <%s-%d@example.org>\r\n\r\nbody %d\r\n",
			where, i, where, i, i))
	}
	return messages
}

// same checks that the maildir and the server have the same messages, n of them.
func (b *bed) same(maildir string, n int) {
	b.t.Helper()
	here := map[string]int{}
	for _, folder := range []string{"cur", "new"} {
		files, err := os.ReadDir(filepath.Join(maildir, folder))
		must(b.t, err)
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(maildir, folder, f.Name()))
			must(b.t, err)
			here[unmarked(string(text))]++
		}
	}
	there := map[string]int{}
	for _, text := range b.texts("INBOX") {
		there[unmarked(lf(text))]++
	}
	total := 0
	for _, k := range there {
		total += k
	}
	if total != n || !maps.Equal(here, there) {
		b.t.Errorf("%d messages at the server, want %d; %d different there, %d here", total, n, len(there), len(here))
		for _, text := range slices.Sorted(maps.Keys(here)) {
			if there[text] != here[text] {
				b.t.Logf("here %d times, there %d: %.300q", here[text], there[text], text)
			}
		}
	}
}

// mark is what mbsync and offlineimap add to messages on their way.
var mark = regexp.MustCompile(`(?m)^X-(TUID|OfflineIMAP): .*\n`)

func unmarked(message string) string { return mark.ReplaceAllString(message, "") }

// lf is a message as a maildir has it.
func lf(message string) string { return strings.ReplaceAll(message, "\r\n", "\n") }

// deleteHere marks a message that has not been read as deleted.
func deleteHere(t testing.TB, maildir string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(maildir, "new"))
	must(t, err)
	name, _, _ := strings.Cut(files[len(files)/2].Name(), ":2,")
	must(t, os.Rename(filepath.Join(maildir, "new", files[len(files)/2].Name()), filepath.Join(maildir, "cur", name+":2,T")))
}
