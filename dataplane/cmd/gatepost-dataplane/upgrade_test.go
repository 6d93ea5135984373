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
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestUpgrade replaces the program twice while clients come and go. Nobody is refused; sessions go on until the limit and are then told
// BYE; a program that does not work changes nothing.
func TestUpgrade(t *testing.T) {
	b := newBed(t)
	conn, environ := manager(t, b.dir)
	address, local, admin := free(t), b.dir+"/imap.sock", free(t)
	file := b.write(t, `  - {name: imap, address: "`+address+`"}
  - {name: local, address: "unix:`+local+`"}`, "timeouts: {drain: 3s}", "admin: {address: "+strconv.Quote(admin)+"}")
	program := filepath.Join(b.dir, "gatepost-dataplane")
	for _, commit := range []string{"1", "2"} {
		if out, err := exec.Command("go", "build", "-ldflags=-X main.commit="+commit, "-o", program+commit, ".").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	install := func(commit string) {
		t.Helper()
		if err := os.Rename(program+commit, program); err != nil {
			t.Fatal(err)
		}
	}
	install("1")
	r := b.run(t, program, file, environ)
	told(t, conn, "READY=1")
	first := r.process.Pid

	load := newLoad(t, address, local)
	defer load.end()
	var long []*peer
	for i := range 20 {
		long = append(long, greeted(t, []string{address, local}[i%2]))
	}
	goOn := func() {
		t.Helper()
		for _, p := range long {
			p.noop()
		}
	}
	goOn()

	// What does not start, and what does not understand its configuration, changes nothing.
	if err := os.WriteFile(program+"bad", []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	install("bad")
	sendSignal(t, first, syscall.SIGUSR2)
	if got := r.logged("not_replaced", "error"); !strings.Contains(got, "exit status 3") {
		t.Errorf("not replaced because of %q", got)
	}
	goOn()

	install("2")
	before := time.Now()
	sendSignal(t, first, syscall.SIGUSR2)
	second := successorOf(t, conn)
	if got := versionOf(t, second); got != "2" {
		t.Errorf("the successor is of commit %q", got)
	}
	// Sessions of the first go on, and those who connect are the second's, while both run.
	goOn()
	greeted(t, address).noop()
	greeted(t, local).noop()
	metrics, err := net.Dial("tcp", admin)
	if err != nil {
		t.Fatal(err)
	}
	metrics.Close()
	// The second is replaced before the first has ended.
	sendSignal(t, second, syscall.SIGUSR2)
	third := successorOf(t, conn)
	goOn()

	for _, p := range long {
		p.expect("* BYE [UNAVAILABLE] the service is shutting down")
		p.conn.Close()
	}
	if took := time.Since(before); took < 3*time.Second {
		t.Errorf("sessions had %v, less than the limit", took)
	}
	if state, err := r.process.Wait(); err != nil || !state.Success() {
		t.Errorf("the first process: %v, %v", state, err)
	}
	load.end()
	t.Logf("%d sessions came and went", load.sessions.Load())
	if load.sessions.Load() == 0 {
		t.Error("no load")
	}
	// The last removes what it was passed.
	sendSignal(t, third, syscall.SIGTERM)
	told(t, conn, "STOPPING=1")
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(local); errors.Is(err, os.ErrNotExist) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the unix socket is left behind")
		}
	}
}

// TestDrainOnStop: sessions go on after SIGTERM for as long as the configuration says, or until a second signal, and nobody is accepted.
func TestDrainOnStop(t *testing.T) {
	b := newBed(t)
	address := free(t)
	r := b.run(t, itself(t), b.write(t, `  - {name: imap, address: "`+address+`"}`, "timeouts: {drain_on_stop: 1h}"))
	r.logged("listening", "")
	p := greeted(t, address)
	sendSignal(t, r.process.Pid, syscall.SIGTERM)
	for {
		c, err := net.Dial("tcp", address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if err == nil {
			c.Close()
		}
	}
	p.noop()
	sendSignal(t, r.process.Pid, syscall.SIGTERM)
	p.expect("* BYE [UNAVAILABLE] the service is shutting down")
	p.conn.Close()
	if state, err := r.process.Wait(); err != nil || !state.Success() {
		t.Errorf("%v, %v", state, err)
	}
}

func sendSignal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// successorOf waits until systemd is told of a main process that is new.
func successorOf(t *testing.T, conn *net.UnixConn) (pid int) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	b := make([]byte, 4096)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	number, ok := strings.CutPrefix(string(b[:n]), "MAINPID=")
	if pid, err = strconv.Atoi(number); !ok || err != nil {
		t.Fatalf("systemd was told %q", b[:n])
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	return pid
}

// versionOf is the commit of a process's program.
func versionOf(t *testing.T, pid int) string {
	t.Helper()
	out, err := exec.Command(fmt.Sprintf("/proc/%d/exe", pid), "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))[1]
}

// load is clients that come and go.
type load struct {
	t        *testing.T
	sessions atomic.Int64
	stop     chan struct{}
	once     sync.Once
	running  sync.WaitGroup
}

func newLoad(t *testing.T, tcp, unix string) *load {
	l := &load{t: t, stop: make(chan struct{})}
	for i := range 6 {
		l.running.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				default:
				}
				network, address := "tcp", tcp
				if i%2 == 1 {
					network, address = "unix", unix
				}
				if err := visit(network, address); err != nil {
					t.Errorf("a client of %s: %v", address, err)
					return
				}
				l.sessions.Add(1)
				time.Sleep(time.Millisecond) // for the machine's sake
			}
		})
	}
	return l
}

func (l *load) end() {
	l.once.Do(func() { close(l.stop) })
	l.running.Wait()
}

// visit is a short session.
func visit(network, address string) error {
	conn, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, "a NOOP\r\nb NOOP\r\n"); err != nil {
		return err
	}
	const want = "* PREAUTH ready\r\na OK done\r\nb OK done\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		return fmt.Errorf("%q, %w", got, err)
	}
	return nil
}
