package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// build builds a program of the repository, by its folder.
func build(t testing.TB, folder string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), filepath.Base(folder))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/gatepost/gatepost/"+folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// deciderProgram is a decider in a process of its own, which can be killed, and started again.
type deciderProgram struct {
	t               testing.TB
	program, config string
	socket, records string
	log             *logBuffer
	cmd             *exec.Cmd
}

// newDeciderProgram has what a decider needs that decides by the policy of a directory. No record that was decided by is lost, not even
// when it is killed.
func newDeciderProgram(t testing.TB, program, policy string) *deciderProgram {
	t.Helper()
	dir := shortDir(t)
	d := &deciderProgram{
		t: t, program: program, config: filepath.Join(dir, "decider.yaml"),
		socket: filepath.Join(dir, "decider.sock"), records: filepath.Join(dir, "decisions.log"), log: new(logBuffer),
	}
	must(t, os.WriteFile(d.config, fmt.Appendf(nil, `
listen: ["unix:%s"]
policy: %s
decision_log: {file: {path: %s}}
audit: {sync: true}
evaluation: {deadline: 30s}
server: {question_timeout: 30s}
shutdown: {wait: 300ms, drain: 30s}
`, d.socket, policy, d.records), 0o600))
	t.Cleanup(func() {
		d.signal(syscall.SIGKILL)
		_ = d.wait()
		if t.Failed() {
			log := d.log.bytes()
			t.Logf("the end of the log of %s:\n%s", d.socket, log[max(0, len(log)-2000):])
		}
	})
	return d
}

func (d *deciderProgram) start() {
	d.t.Helper()
	d.cmd = exec.Command(d.program, "serve", "--config", d.config)
	d.cmd.Stderr = d.log
	must(d.t, d.cmd.Start())
}

// signal has no effect where it does not run.
func (d *deciderProgram) signal(s syscall.Signal) {
	if d.cmd != nil {
		_ = d.cmd.Process.Signal(s)
	}
}

// wait waits for its end.
func (d *deciderProgram) wait() error {
	if d.cmd == nil {
		return nil
	}
	err := d.cmd.Wait()
	d.cmd = nil
	return err
}

// decode reads a file of JSON documents.
func decode[T any](t testing.TB, name string) (all []*T) {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	for dec := json.NewDecoder(f); ; {
		v := new(T)
		switch err := dec.Decode(v); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
}
