package e2e

import (
	"bufio"
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
	// proxied takes connections that begin with a header of the PROXY protocol, where the server has that.
	proxied string
	dir     string
	stop    func()
	// invitation is its "+" for a literal.
	invitation string
	// unfollowed are the capabilities that clients are not told of, as the dataplane does not follow them; unlisted are those that
	// the default policy does not show, and another may.
	unfollowed, unlisted []string
}

// launcher starts a server once for the test binary.
type launcher struct {
	once    sync.Once
	running *server
	failed  error
}

// get is the running server.
func (l *launcher) get(t testing.TB, start func() (*server, error)) *server {
	t.Helper()
	if os.Getuid() != 0 {
		lack(t, "IMAP servers are started by root only")
	}
	l.once.Do(func() { l.running, l.failed = start() })
	if l.failed != nil {
		t.Fatal(l.failed)
	}
	return l.running
}

// stop ends the server, and lets none be started any more.
func (l *launcher) stop() {
	l.once.Do(func() {})
	if l.running != nil {
		l.running.stop()
	}
}

// newServer makes the folder of a server that runs as nobody, with files from templates, and finds ports for it.
func newServer(name string, folders []string, files map[string]string) (*server, error) {
	dir, err := os.MkdirTemp("", "gatepost-"+name+"-")
	if err != nil {
		return nil, err
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	err = errors.Join(os.Chmod(dir, 0o755), authority.write(dir))
	for _, f := range folders {
		f = filepath.Join(dir, f)
		err = errors.Join(err, os.Mkdir(f, 0o755), os.Chown(f, uid, gid))
	}
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	for name, text := range files {
		conf, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		err = errors.Join(
			template.Must(template.New("").Parse(text)).Execute(conf, map[string]any{
				"Dir": dir, "Password": password, "Clear": ports[0], "Secure": ports[1], "Proxied": ports[2], "Cyrus": cyrusDir(),
			}),
			conf.Close())
		if err != nil {
			return nil, err
		}
	}
	return &server{
		clear:   fmt.Sprintf("127.0.0.1:%d", ports[0]),
		secure:  fmt.Sprintf("127.0.0.1:%d", ports[1]),
		proxied: fmt.Sprintf("127.0.0.1:%d", ports[2]),
		dir:     dir,
		stop:    func() { _ = os.RemoveAll(dir) },
	}, nil
}

// run runs the server's program. The shell ends it when its standard input ends: with the test binary, however that ends.
func (s *server) run(env []string, program ...string) error {
	cmd := exec.Command("/bin/sh", append([]string{"-c", `"$0" "$@" & read -r _; kill $!; wait`}, program...)...)
	cmd.Env = append(os.Environ(), env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return err
	}
	clean := s.stop
	s.stop = func() {
		_ = stdin.Close()
		_ = cmd.Wait()
		clean()
	}
	if err := s.ready(); err != nil {
		s.stop()
		return fmt.Errorf("%s: %w: %s", program[0], err, output.String())
	}
	return nil
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
