package e2e

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/tools/txtar"
)

//go:embed testdata/mail.txtar
var mailArchive []byte

// mail are messages in which something could be taken for IMAP, or broken on the way. The archive has them with LF.
var mail = func() map[string]string {
	m := map[string]string{}
	for _, f := range txtar.Parse(mailArchive).Files {
		m[f.Name] = strings.ReplaceAll(string(f.Data), "\n", "\r\n")
	}
	return m
}()

// mailbox is the order in which a dialogue finds them in INBOX.
var mailbox = []string{"plain", "commands", "nested", "headers", "eight-bit"}

// large is a message of about that many octets, of lines that differ.
func large(octets int) string {
	var b strings.Builder
	b.WriteString("From: ada@example.org\r\nSubject: large\r\n\r\n")
	for i := 0; b.Len() < octets; i++ {
		fmt.Fprintf(&b, "line %d {5}\r\n) a%d OK done, and + more\r\n", i, i)
	}
	return b.String()
}

// appendMessage stores a message.
func appendMessage(t testing.TB, c *imapclient.Client, mailbox, message string) *imap.AppendData {
	t.Helper()
	cmd := c.Append(mailbox, int64(len(message)), nil)
	_, err := cmd.Write([]byte(message))
	must(t, errors.Join(err, cmd.Close()))
	data, err := cmd.Wait()
	must(t, err)
	return data
}
