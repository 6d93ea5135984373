package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
)

// Dovecot knows the user's own address, as the balancer said it to Gatepost, and the session by the id that Gatepost's log has; and what
// the client claims in an ID of its own does not reach it.
func TestDovecotIsToldWhoTheClientIs(t *testing.T) {
	server := dovecot(t)
	for _, told := range []struct {
		name string
		by   func(*dataplane.Upstream)
		want string // the address
	}{
		{"by ID", func(u *dataplane.Upstream) { u.ID = true }, "192.0.2.7"},
		{"by PROXY v1", func(u *dataplane.Upstream) { u.ProxyProtocol, u.Address = "v1", server.proxied }, "192.0.2.7"},
		{"by PROXY v2", func(u *dataplane.Upstream) { u.ProxyProtocol, u.Address = "v2", server.proxied }, "192.0.2.7"},
		{"not at all", func(*dataplane.Upstream) {}, "127.0.0.1"},
	} {
		t.Run(told.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, setup{altered: true, change: func(c *dataplane.Config) {
				told.by(&c.Upstream)
				c.Listeners[0].ProxyProtocol.From = []string{"127.0.0.1"}
			}})
			c := b.connect()
			c.send("PROXY TCP4 192.0.2.7 198.51.100.1 40000 993\r\n")
			c.until("* OK")
			c.ok(`a1 ID ("name" "mutt" "x-originating-ip" "203.0.113.9" "x-session-id" "forged")`)
			c.ok("a2 LOGIN " + b.user + " " + password)
			c.logout()

			login := server.logged(t, "Login: user=<"+b.user+">")
			rip := regexp.MustCompile(`rip=([^,]*)`).FindStringSubmatch(login)
			if rip == nil || rip[1] != told.want || strings.Contains(login, "forged") {
				t.Errorf("Dovecot has %q, want the address %s", login, told.want)
			}
			session := regexp.MustCompile(`"session":"([^"]+)"`).FindSubmatch(b.log.bytes())
			if known := strings.Contains(login, fmt.Sprintf("session=<%s>", session[1])); known != (told.name == "by ID") {
				t.Errorf("Dovecot has %q, the session is %s", login, session[1])
			}
		})
	}
}

// logged waits for a line of the server's log.
func (s *server) logged(t testing.TB, text string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		log, err := os.ReadFile(filepath.Join(s.dir, "log"))
		must(t, err)
		for line := range bytes.Lines(log) {
			if bytes.Contains(line, []byte(text)) && bytes.HasSuffix(line, []byte("\n")) {
				return string(line)
			}
		}
	}
	t.Fatalf("the server's log has no %q", text)
	return ""
}
