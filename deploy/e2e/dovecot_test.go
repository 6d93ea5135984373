package e2e

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/template"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// patience is how long a test waits for what must come. No test passes or fails for being faster or slower than that.
const patience = 30 * time.Second

// password is every account's. No log may hold it.
const password = "tr0ub4dor&3"

// server is a running IMAP server.
type server struct {
	// clear takes connections in the clear, and STARTTLS; secure takes TLS.
	clear, secure string
	dir           string
	stop          func()
}

var (
	starting sync.Once
	running  *server
	failed   error
)

// dovecotOnce starts Dovecot if it was not yet, or nothing if start is nil.
func dovecotOnce(start func() (*server, error)) {
	starting.Do(func() {
		if start != nil {
			running, failed = start()
		}
	})
}

// dovecot is the Dovecot of this test binary.
func dovecot(t testing.TB) *server {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/dovecot")
	if err != nil {
		lack(t, "dovecot is not installed: apt install dovecot-imapd")
	}
	if os.Getuid() != 0 {
		lack(t, "Dovecot is started by root only")
	}
	dovecotOnce(func() (*server, error) { return startDovecot(program) })
	if failed != nil {
		t.Fatal(failed)
	}
	return running
}

//go:embed testdata/dovecot.conf
var dovecotConf string

func startDovecot(program string) (*server, error) {
	dir, err := os.MkdirTemp("", "gatepost-dovecot-")
	if err != nil {
		return nil, err
	}
	mail := filepath.Join(dir, "mail")
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	err = errors.Join(os.Chmod(dir, 0o755), os.Mkdir(mail, 0o755), os.Chown(mail, uid, -1), authority.write(dir))
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	conf, err := os.Create(filepath.Join(dir, "dovecot.conf"))
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		template.Must(template.New("").Parse(dovecotConf)).Execute(conf, map[string]any{
			"Dir": dir, "Password": password, "Clear": ports[0], "Secure": ports[1],
		}),
		conf.Close())
	if err != nil {
		return nil, err
	}
	// The shell ends Dovecot when its standard input ends: with the test binary, however that ends.
	cmd := exec.Command("/bin/sh", "-c", `"$0" -F -c "$1" & read -r _; kill $!; wait`, program, conf.Name())
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{
		clear:  fmt.Sprintf("127.0.0.1:%d", ports[0]),
		secure: fmt.Sprintf("127.0.0.1:%d", ports[1]),
		dir:    dir,
		stop: func() {
			_ = stdin.Close()
			_ = cmd.Wait()
			_ = os.RemoveAll(dir)
		},
	}
	if err := s.ready(); err != nil {
		s.stop()
		return nil, fmt.Errorf("dovecot: %w: %s", err, output.String())
	}
	return s, nil
}

// ready waits for the greeting.
func (s *server) ready() (err error) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var conn net.Conn
		if conn, err = net.Dial("tcp", s.clear); err != nil {
			continue
		}
		_ = conn.SetDeadline(end)
		_, err = bufio.NewReader(conn).ReadString('\n')
		_ = conn.Close()
		if err == nil {
			return nil
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return fmt.Errorf("%w: %s", err, log)
}

// freePorts finds TCP ports that nobody listens on, where the system does not take ports for connections from.
func freePorts(n int) (ports []int, err error) {
	for range 100 {
		port := 20_000 + rand.IntN(10_000)
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
			continue
		}
		defer l.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, err
}

var accounts atomic.Int64

// newUser names an account that nobody has used. Dovecot makes it at its first login.
func newUser() string { return fmt.Sprintf("user%d", accounts.Add(1)) }

// direct logs in at the server, past Gatepost.
func (s *server) direct(t testing.TB, user string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.clear, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// deliver puts messages into a mailbox, past Gatepost, all at once (RFC 3502).
func (s *server) deliver(t testing.TB, user, mailbox string, messages ...string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.clear)
	must(t, err)
	c := newTerminal(t, conn)
	c.login(user)
	c.send("deliver APPEND " + mailbox)
	for _, m := range messages {
		c.send(fmt.Sprintf(" {%d+}\r\n%s", len(m), m))
	}
	c.send("\r\n")
	if answer := c.until("deliver "); !strings.HasPrefix(answer, "deliver OK") {
		t.Fatal(answer)
	}
	c.logout()
}
