package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// client is a mail program that the test runs.
type client struct {
	b   *bed
	dir string // its own folder, with ca.pem
}

func newClient(b *bed) *client {
	b.t.Helper()
	c := &client{b: b, dir: b.t.TempDir()}
	must(b.t, authority.write(c.dir))
	return c
}

// file writes a file of the client's.
func (c *client) file(name, text string) string {
	c.b.t.Helper()
	name = filepath.Join(c.dir, name)
	must(c.b.t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// messages writes mail's messages, and a large one, to files.
func (c *client) messages() (files []string) {
	for _, name := range mailbox {
		files = append(files, c.file(name+".eml", mail[name]))
	}
	return append(files, c.file("large.eml", large(3<<20)))
}

// run runs a program, which has to succeed, and returns what it says.
func (c *client) run(program string, args ...string) string {
	c.b.t.Helper()
	said, err := c.try(2*patience, program, args...)
	if err != nil {
		c.b.t.Fatal(err)
	}
	return said
}

// try runs a program for so long at most, and returns what it says.
func (c *client) try(limit time.Duration, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(c.b.t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "PASSWORD="+password, "HOME="+c.dir, "TERM=xterm", "LC_ALL=C.UTF-8")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", program, err, tail(stdout.String()), tail(stderr.String()))
	}
	return stdout.String(), nil
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// mode is the client leg's TLS mode.
func (b *bed) mode() string {
	if b.setup.client == "" {
		return tlsOff
	}
	return b.setup.client
}

func TestPythonImaplib(t *testing.T) {
	python := need(t, "python3", "python3")
	overEach(t, func(t *testing.T, b *bed) {
		c := newClient(b)
		c.run(python, append([]string{
			c.file("session.py", pythonSession), b.host, b.port, b.mode(), b.user, filepath.Join(c.dir, "ca.pem"),
		}, c.messages()...)...)
	})
}

func TestCurl(t *testing.T) {
	curl := need(t, "curl", "curl")
	overEach(t, func(t *testing.T, b *bed) {
		c := newClient(b)
		files := c.messages()
		scheme := "imap"
		args := []string{"--silent", "--show-error", "--cacert", filepath.Join(c.dir, "ca.pem"), "--user", b.user + ":" + password}
		switch b.mode() {
		case tlsImplicit:
			scheme = "imaps"
		case tlsStart:
			args = append(args, "--ssl-reqd")
		}
		url := fmt.Sprintf("%s://%s:%s/", scheme, b.host, b.port)
		do := func(more ...string) string { return c.run(curl, append(args, more...)...) }

		for _, f := range files {
			do("--upload-file", f, url+"INBOX")
		}
		if list := do(url); !strings.Contains(list, `"/" INBOX`) {
			t.Errorf("list: %q", list)
		}
		for i, f := range files {
			want, err := os.ReadFile(f)
			must(t, err)
			if got := do(fmt.Sprintf("%sINBOX;UID=%d", url, i+1)); got != string(want) {
				t.Errorf("message %d has changed: %d octets, were %d", i+1, len(got), len(want))
			}
		}
		if found := do(url + "INBOX?SUBJECT%20Lunch"); !strings.HasPrefix(found, "* SEARCH 1") {
			t.Errorf("search: %q", found)
		}
		do(url+"INBOX", "--request", `STORE 1 +FLAGS (\Deleted)`)
		do(url+"INBOX", "--request", "EXPUNGE")
		if status := do(url, "--request", "STATUS INBOX (MESSAGES)"); !strings.Contains(status, fmt.Sprintf("(MESSAGES %d)", len(files)-1)) {
			t.Errorf("status: %q", status)
		}
	})
}

// fetchmail fetches all messages, hands each to a program, and removes it from the server.
func TestFetchmail(t *testing.T) {
	fetchmail := need(t, "fetchmail", "fetchmail")
	overEach(t, func(t *testing.T, b *bed) {
		c := newClient(b)
		messages := []string{mail["plain"], mail["commands"], mail["nested"], large(3 << 20)}
		b.server.deliver(t, b.user, "INBOX", messages...)
		ssl := map[string]string{tlsOff: `sslproto ""`, tlsImplicit: "ssl", tlsStart: "sslproto TLS1.2+"}[b.mode()]
		rc := c.file("fetchmailrc", fmt.Sprintf(`
poll localhost protocol IMAP port %s auth password user %s password "%s" %s sslcertck sslcertfile %s/ca.pem
  fetchall no rewrite mda "cat > $(mktemp %s/fetched.XXXXXX)"
`, b.port, b.user, password, ssl, c.dir, c.dir))
		c.run(fetchmail, "--fetchmailrc", rc, "--invisible", "--nosyslog", "--pidfile", filepath.Join(c.dir, "pid"))

		files, err := filepath.Glob(filepath.Join(c.dir, "fetched.*"))
		must(t, err)
		var fetched []string
		for _, f := range files {
			text, err := os.ReadFile(f)
			must(t, err)
			fetched = append(fetched, string(text))
		}
		for i := range messages {
			messages[i] = lf(messages[i])
		}
		if slices.Sort(fetched); !slices.Equal(fetched, slices.Sorted(slices.Values(messages))) {
			t.Errorf("%d messages fetched, not as they were", len(fetched))
		}
		if left := b.texts("INBOX"); len(left) != 0 {
			t.Errorf("%d messages left", len(left))
		}
	})
}

// texts are the messages of a mailbox at the server, read past Gatepost.
func (b *bed) texts(mailbox string) (texts []string) {
	t := b.t
	t.Helper()
	c := b.server.direct(t, b.user)
	selected, err := c.Select(mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
	must(t, err)
	if selected.NumMessages > 0 {
		section := &imap.FetchItemBodySection{Peek: true}
		messages, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		must(t, err)
		for _, m := range messages {
			texts = append(texts, string(m.FindBodySection(section)))
		}
	}
	must(t, c.Logout().Wait())
	return texts
}

//go:embed testdata/session.py
var pythonSession string
