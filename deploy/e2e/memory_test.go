package e2e

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A message of 100 MB goes to Dovecot and back, under TLS on both legs. It arrives whole, and the dataplane's process grows by
// less than 4 MB, beside the garbage that it lets lie by default.
func TestMemory(t *testing.T) {
	const (
		size    = 100_000_000
		mayGrow = 4_000_000
	)
	if testing.Short() {
		t.Skip("moves 200 MB")
	}
	t.Setenv("GOGC", "50") // without the room for garbage that the program leaves itself: what is held counts
	user := newUser()
	addr, pid := startProgram(t, newJudge(t, defaultPolicy), user)
	conn, err := tls.Dial("tcp", addr, authority.trusts())
	must(t, err)
	c := newTerminal(t, conn)
	must(t, conn.SetDeadline(time.Now().Add(4*patience)))
	c.login(user)
	c.ok("a1 SELECT INBOX")
	c.ok(fmt.Sprintf("a2 APPEND INBOX {%d+}\r\n%s", len(mail["plain"]), mail["plain"]))
	c.ok("a3 FETCH 1 BODY.PEEK[]")
	base := resident(t, pid, "VmRSS")

	c.send(fmt.Sprintf("a4 APPEND INBOX {%d}\r\n", size))
	c.until("+ ")
	sent := sha256.New()
	_, err = io.Copy(io.MultiWriter(conn, sent), io.LimitReader(lines{}, size))
	must(t, err)
	c.send("\r\n")
	c.until("a4 OK")
	up := resident(t, pid, "VmHWM") - base

	c.send("a5 FETCH 2 BODY.PEEK[]\r\n")
	header := fmt.Sprintf("* 2 FETCH (BODY[] {%d}\r\n", size)
	for line := ""; line != header; {
		line, err = c.r.ReadString('\n')
		must(t, err)
	}
	got := sha256.New()
	_, err = io.CopyN(got, c.r, size)
	must(t, err)
	c.until("a5 OK")
	if string(got.Sum(nil)) != string(sent.Sum(nil)) {
		t.Error("the message has changed")
	}
	down := resident(t, pid, "VmHWM") - base
	t.Logf("%d kB resident; grown by %d kB behind APPEND, %d kB behind FETCH", base/1000, up/1000, down/1000)
	if down >= mayGrow {
		t.Errorf("grown by %d kB", down/1000)
	}
	c.logout()
}

// lines is a reader of lines of mail without end.
type lines struct{}

var line = strings.Repeat("0123456789abcdef", 4) + "\r\n"

func (lines) Read(p []byte) (n int, err error) {
	for len(p)-n >= len(line) {
		n += copy(p[n:], line)
	}
	if n == 0 {
		n = copy(p, line) // the last, which may be cut
	}
	return n, nil
}

// startProgram builds gatepost-dataplane and runs it in front of Dovecot, under TLS.
func startProgram(t testing.TB, j *judge, name string) (addr string, pid int) {
	t.Helper()
	server := dovecot(t)
	dir := t.TempDir()
	must(t, authority.write(dir))
	program, config := build(t, "dataplane/cmd/gatepost-dataplane"), filepath.Join(dir, "dataplane.yaml")
	must(t, os.WriteFile(config, fmt.Appendf(nil, `
name: %s
listeners:
  - name: imap
    address: 127.0.0.1:0
    tls:
      mode: implicit
      certificates: [{certificate: %s/server.pem, key: %s/server.key}]
upstream:
  address: %s
  tls: {ca: %s/ca.pem, server_name: localhost}
decider:
  address: unix:%s
  deadline: 30s
`, name, dir, dir, server.secure, dir, j.socket), 0o600))
	cmd := exec.Command(program, "serve", "--config", config)
	cmd.Env = append(os.Environ(), "GOGC=50")
	stderr, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	log := new(logBuffer)
	r := bufio.NewReader(io.TeeReader(stderr, log))
	read := make(chan error, 1)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("gatepost-dataplane: %v\n%s", err, log.bytes())
		}
		keepsSecret(t, "the program's log", log.bytes())
	})
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			read <- err
			t.Fatalf("gatepost-dataplane does not listen: %v", err)
		}
		var logged struct{ Msg, Address string }
		if err := json.Unmarshal(line, &logged); err != nil {
			continue
		}
		if logged.Msg == "listening" {
			go func() {
				_, err := io.Copy(io.Discard, r)
				read <- err
			}()
			return logged.Address, cmd.Process.Pid
		}
	}
}

// resident reads a field of /proc/pid/status, in octets: VmRSS is what is resident now, VmHWM the most that ever was.
func resident(t testing.TB, pid int, field string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			must(t, err)
			return n << 10
		}
	}
	t.Fatalf("no %s in %s", field, status)
	return 0
}
