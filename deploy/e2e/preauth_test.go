package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// A server that greets with PREAUTH: the session is logged in from the start. Where STARTTLS is required, on either leg, it is not used:
// STARTTLS is not allowed behind PREAUTH, and whoever stands in between could say it (RFC 9051 section 11.1).
func TestPreauth(t *testing.T) {
	for _, c := range []struct {
		name string
		setup
		bye string // what the client is told; "": the session is used
	}{
		{"in the clear", setup{}, ""},
		{"STARTTLS is required of the client", setup{client: tlsStart}, "* BYE [PRIVACYREQUIRED] STARTTLS is required\r\n"},
		{"STARTTLS is required of the server", setup{server: tlsStart}, "* BYE [UNAVAILABLE] server error\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.setup.user = newUser()
			c.setup.upstream = func(t testing.TB) *server { return preauthenticated(t, c.setup.user) }
			c.setup.altered = c.bye != ""
			b := newBed(t, c.setup)
			client := b.connect()
			if c.bye != "" {
				if got := client.end(); got != c.bye {
					t.Errorf("the client got %q, want %q", got, c.bye)
				}
				if said := b.lastOnServerLeg().from(false); len(said) > 0 {
					t.Errorf("the server got %q", said)
				}
				return
			}
			client.until("* PREAUTH [CAPABILITY IMAP4rev1 ")
			client.ok("a1 SELECT INBOX")
			client.logout()
			if d := b.commands("SELECT"); len(d) != 1 || d[0].question.Session.Mechanism != "PREAUTH" {
				t.Errorf("asked about SELECT: %v", d)
			}
		})
	}
}

// preauthenticated is Dovecot without its login: each connection is a user's from the start.
func preauthenticated(t testing.TB, user string) *server {
	t.Helper()
	full := *dovecot(t)
	home := filepath.Join(full.dir, "mail", user)
	info, err := os.Stat(filepath.Dir(home))
	must(t, err)
	nobody := info.Sys().(*syscall.Stat_t)
	must(t, os.Mkdir(home, 0o700))
	must(t, os.Chown(home, int(nobody.Uid), int(nobody.Gid)))
	doveadm := need(t, "dovecot-core", "doveadm")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f, err := conn.(*net.TCPConn).File()
			_ = conn.Close()
			if err != nil {
				continue
			}
			serving.Go(func() {
				defer f.Close()
				cmd := exec.Command(doveadm, "-c", filepath.Join(full.dir, "dovecot.conf"), "exec", "imap")
				cmd.Stdin, cmd.Stdout = f, f
				cmd.Env = []string{"USER=" + user, "HOME=" + home}
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody.Uid, Gid: nobody.Gid}}
				_ = cmd.Run()
			})
		}
	})
	full.clear = l.Addr().String()
	return &full
}
