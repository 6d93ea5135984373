package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// TestNotify: systemd is told when there is a policy and questions are taken, of reloading, of the end, and in between that all is well.
func TestNotify(t *testing.T) {
	dir, err := os.MkdirTemp("", "gp") // a unix socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: dir + "/notify", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	told := func(want string) {
		t.Helper()
		_ = manager.SetReadDeadline(time.Now().Add(time.Minute))
		b := make([]byte, 4096)
		for {
			n, err := manager.Read(b)
			if err != nil {
				t.Fatalf("waiting for %q: %v", want, err)
			}
			got := string(b[:n])
			if ok, _ := regexp.MatchString("^"+want+"$", got); ok {
				return
			}
			if got != "WATCHDOG=1" {
				t.Fatalf("systemd was told %q, want %q", got, want)
			}
		}
	}
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "gatepost-decider")
	if err := os.Symlink(test, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", "--listen", "unix:"+dir+"/d.sock", "--log-level", "error")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+dir+"/notify", "WATCHDOG_USEC=300000")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	told("READY=1")
	conn, err := net.Dial("unix", dir+"/d.sock")
	if err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}
	for range 3 {
		told("WATCHDOG=1")
	}
	send := func(s syscall.Signal) {
		t.Helper()
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	send(syscall.SIGHUP)
	told(`MONOTONIC_USEC=\d+\nRELOADING=1`)
	told("READY=1")
	send(syscall.SIGTERM)
	told("STOPPING=1")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
