package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that runs, with those that it has started.
type process struct {
	name string
	cmd  *exec.Cmd
	in   io.Closer
	log  string
}

// start runs a program. Its standard input ends with this one, and its output goes to a file in dir.
func start(dir, name, program string, args ...string) (*process, error) {
	// Not beside the certificates, whose directory is watched: each line would be an event there.
	logs := filepath.Join(dir, "log")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.Command(program, args...), log: filepath.Join(logs, name+".log")}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

// stop ends it.
func (p *process) stop() {
	_ = p.in.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(15*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
}

// accepts waits until something listens at an address.
func (p *process) accepts(network, addr string) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial(network, addr)
		if err == nil {
			return conn.Close()
		}
		if p.ended() {
			break
		}
	}
	b, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s does not listen at %s: %s", p.name, addr, b)
}

// ended tells that it is no more, though it was not stopped.
func (p *process) ended() bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}

// pids are its own and those of its children.
func (p *process) pids() []int {
	pids := []int{p.cmd.Process.Pid}
	for i := 0; i < len(pids); i++ {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[i]))
		for _, t := range tasks {
			b, _ := os.ReadFile(t)
			for _, f := range strings.Fields(string(b)) {
				if pid, err := strconv.Atoi(f); err == nil {
					pids = append(pids, pid)
				}
			}
		}
	}
	return pids
}

// cpu is the processor time that it has taken.
func (p *process) cpu() (sum time.Duration) {
	for _, pid := range p.pids() {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, t := range tasks {
			b, _ := os.ReadFile(t)
			if first, _, ok := strings.Cut(string(b), " "); ok {
				n, _ := strconv.ParseInt(first, 10, 64)
				sum += time.Duration(n)
			}
		}
	}
	return sum
}

// memory is the proportional set size in octets: what is shared is divided by those who share it.
func (p *process) memory() (sum int, err error) {
	for _, pid := range p.pids() {
		n, err := field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// field reads a field in kB.
func field(file, name string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return n << 10, err
		}
	}
	return 0, errors.New("no " + name + " in " + file)
}

// ports hands out addresses on which nobody listens, below those that connections take theirs from.
type ports struct{ next int }

func (p *ports) address() (string, error) {
	if p.next == 0 {
		p.next = 12_000 + os.Getpid()%8_000
	}
	for range 2_000 {
		p.next++
		addr := fmt.Sprintf("127.0.0.1:%d", p.next)
		if l, err := net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", errors.New("no port is free")
}
