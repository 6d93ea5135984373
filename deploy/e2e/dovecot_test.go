package e2e

import (
	_ "embed"
	"os/exec"
	"path/filepath"
	"testing"
)

var dovecots launcher

// dovecot is the Dovecot of this test binary.
func dovecot(t testing.TB) *server {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/dovecot")
	if err != nil {
		lack(t, "dovecot is not installed: apt install dovecot-imapd")
	}
	return dovecots.get(t, func() (*server, error) { return startDovecot(program) })
}

//go:embed testdata/dovecot.conf
var dovecotConf string

func startDovecot(program string) (*server, error) {
	s, err := newServer("dovecot", []string{"mail"}, map[string]string{"dovecot.conf": dovecotConf})
	if err != nil {
		return nil, err
	}
	s.invitation = "+ OK\r\n"
	s.unfollowed = []string{"LOGIN-REFERRALS", "PREVIEW=FUZZY", "STARTTLS", "URL-PARTIAL"}
	s.unlisted = []string{"CATENATE", "NOTIFY", "SNIPPET=FUZZY"}
	return s, s.run(nil, program, "-F", "-c", filepath.Join(s.dir, "dovecot.conf"))
}
