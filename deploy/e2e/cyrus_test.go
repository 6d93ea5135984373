package e2e

import (
	"cmp"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var cyruses launcher

// cyrus is the Cyrus of this test binary: Debian's, unpacked beside the system, as its package cannot be installed together with
// Dovecot's.
func cyrus(t testing.TB) *server {
	t.Helper()
	if _, err := os.Stat(filepath.Join(cyrusDir(), "usr/lib/cyrus/bin/imapd")); err != nil {
		lack(t, "cyrus-imapd is not unpacked: .ci/cyrus")
	}
	return cyruses.get(t, startCyrus)
}

// cyrusDir is where .ci/cyrus unpacks it.
func cyrusDir() string { return cmp.Or(os.Getenv("GATEPOST_CYRUS"), "/var/cache/gatepost/cyrus") }

var (
	//go:embed testdata/cyrus.imapd.conf
	cyrusImapdConf string
	//go:embed testdata/cyrus.conf
	cyrusConf string
)

func startCyrus() (*server, error) {
	folders := []string{"conf", "conf/db", "conf/socket", "conf/proc", "conf/log", "conf/lock", "spool", "tmp"}
	s, err := newServer("cyrus", folders, map[string]string{"imapd.conf": cyrusImapdConf, "cyrus.conf": cyrusConf})
	if err != nil {
		return nil, err
	}
	s.invitation = "+ go ahead\r\n"
	s.unfollowed = []string{"ANNOTATE-EXPERIMENT-1", "COMPRESS=DEFLATE", "MAILBOX-REFERRALS", "STARTTLS", "URLAUTH", "URLAUTH=BINARY", "LOGINDISABLED"}
	passwords, err := checkPasswords(filepath.Join(s.dir, "saslauthd"))
	if err != nil {
		return nil, err
	}
	clean := s.stop
	s.stop = func() {
		passwords()
		clean()
	}
	return s, s.run([]string{"LD_LIBRARY_PATH=" + filepath.Join(cyrusDir(), "usr/lib/x86_64-linux-gnu")},
		filepath.Join(cyrusDir(), "usr/lib/cyrus/bin/master"),
		"-C", filepath.Join(s.dir, "imapd.conf"), "-M", filepath.Join(s.dir, "cyrus.conf"), "-p", filepath.Join(s.dir, "pid"))
}

// checkPasswords does what saslauthd does: Cyrus asks it whether a password is an account's. Everybody has the same.
func checkPasswords(socket string) (stop func(), err error) {
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				// User, password, service and realm; then the answer. Each is counted in two octets.
				var fields [4][]byte
				for i := range fields {
					fields[i], err = counted(c)
				}
				answer := "NO"
				if err == nil && string(fields[1]) == password {
					answer = "OK"
				}
				_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
			})
		}
	})
	return func() {
		_ = l.Close()
		serving.Wait()
	}, os.Chmod(socket, 0o777)
}

func counted(r io.Reader) ([]byte, error) {
	var n uint16
	if err := binary.Read(r, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, errors.Join(err)
}
