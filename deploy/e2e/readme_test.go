package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// maxTyped is how many commands the README takes, from a clean clone, to read-only access for one user.
const maxTyped = 5

// TestReadme types what README.md says to type, in a copy of what is under version control, before the test binary's Dovecot. Then the
// user reads and changes nothing, and another user does as before.
func TestReadme(t *testing.T) {
	server := dovecot(t)
	script := readmeScript(t)
	if n := len(commandLines(script)); n > maxTyped {
		t.Errorf("README.md has %d commands to type, and %d are enough:\n%s", n, maxTyped, script)
	}
	ports, err := freePorts(1)
	must(t, err)
	listen := fmt.Sprintf("127.0.0.1:%d", ports[0])
	reader, other := newUser(), newUser()
	script = strings.NewReplacer("127.0.0.1:1143", listen, "127.0.0.1:143", server.clear, "--user anna", "--user "+reader).Replace(script)

	// Dovecot keeps this.
	direct := func(user string) *terminal {
		conn, err := net.Dial("tcp", server.clear)
		must(t, err)
		c := newTerminal(t, conn)
		c.login(user)
		return c
	}
	for _, user := range []string{reader, other} {
		c := direct(user)
		c.send("a1 APPEND INBOX {17}\r\n")
		c.until("+")
		c.send("Subject: x\r\n\r\nHi\n\r\n")
		c.until("a1 OK")
		c.logout()
	}

	typeIn(t, cleanCopy(t), script)
	through := func(user string) *terminal {
		for end := time.Now().Add(4 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
			// The dataplane may be there before the decider, and then turns clients away.
			if conn, err := net.Dial("tcp", listen); err == nil {
				c := newTerminal(t, conn)
				if r, _ := readResponse(c.r); strings.HasPrefix(r, "* OK") {
					c.ok("login LOGIN " + user + " " + password)
					return c
				}
			}
			if time.Now().After(end) {
				t.Fatalf("no session at %s", listen)
			}
		}
	}
	c := through(reader)
	c.ok("a1 SELECT INBOX")
	c.send("a2 FETCH 1 BODY[TEXT]\r\n")
	if r := c.until("* 1 FETCH"); !strings.Contains(r, "Hi") {
		t.Errorf("what was read is %q", r)
	}
	c.until("a2 OK")
	for _, command := range []string{`STORE 1 +FLAGS (\Deleted)`, "EXPUNGE", "CREATE x", "UID MOVE 1 Trash", "XPURGE", "APPEND INBOX {5}"} {
		if answer := c.do("a3 " + command); !strings.HasPrefix(answer, "NO [NOPERM") {
			t.Errorf("%s: %s", command, answer)
		}
	}
	c.ok("a4 CLOSE")
	c.logout()

	c = through(other)
	c.ok("a1 SELECT INBOX")
	c.ok(`a2 STORE 1 +FLAGS (\Deleted)`)
	c.ok("a3 EXPUNGE")
	c.logout()

	for user, want := range map[string]string{reader: "* 1 EXISTS", other: "* 0 EXISTS"} {
		c := direct(user)
		c.send("a1 SELECT INBOX\r\n")
		if r := c.until("* 1 EXISTS", "* 0 EXISTS"); !strings.HasPrefix(r, want) {
			t.Errorf("Dovecot has %s for %s, want %s", r, user, want)
		}
		c.until("a1 OK")
		c.logout()
	}
}

// readmeScript is the README's block for a shell.
func readmeScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	m := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(m) != 1 {
		t.Fatalf("README.md has %d blocks for a shell, want 1", len(m))
	}
	return m[0][1]
}

// commandLines are the lines that begin a command: not those of a here-document.
func commandLines(script string) (lines []string) {
	inside := false
	for line := range strings.Lines(script) {
		switch {
		case inside:
			inside = line != "EOF\n"
		default:
			lines = append(lines, line)
			inside = strings.HasSuffix(line, "<<EOF\n")
		}
	}
	return lines
}

// cleanCopy copies what is, or is about to be, under version control.
func cleanCopy(t *testing.T) (dir string) {
	t.Helper()
	dir = shortDir(t)
	cmd := exec.CommandContext(t.Context(), "bash", "-c",
		`set -o pipefail; git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar cf - -T - | tar xf - -C "$0"`, dir)
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		if _, there := os.Stat(filepath.Join(dir, "Makefile")); there != nil {
			t.Fatalf("copying: %v\n%s", err, out)
		}
	}
	return dir
}

// typeIn types a script into a shell until the test ends.
func typeIn(t *testing.T, dir, script string) {
	t.Helper()
	log := new(logBuffer)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "bash", "-e", "-c", script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the shell's children end with it
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s", log.bytes())
		}
	})
}
