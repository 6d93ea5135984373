package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manager is the test as systemd: the socket that services tell it things by.
func manager(t *testing.T, dir string) (conn *net.UnixConn, environ string) {
	t.Helper()
	name := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, "NOTIFY_SOCKET=" + name
}

// told waits for a message that is not about the watchdog, unless that is wanted.
func told(t *testing.T, conn *net.UnixConn, want string) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
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

// TestNotify: systemd is told when clients are accepted, of reloading, of the end, and in between that all is well.
func TestNotify(t *testing.T) {
	b := newBed(t)
	conn, environ := manager(t, b.dir)
	address := free(t)
	r := b.run(t, itself(t), b.write(t, `  - {name: imap, address: "`+address+`"}`), environ, "WATCHDOG_USEC=300000")
	told(t, conn, "READY=1")
	greeted(t, address).noop()
	for range 3 {
		told(t, conn, "WATCHDOG=1")
	}
	for _, change := range []string{"name: other", "limits: nothing"} {
		b.write(t, `  - {name: imap, address: "`+address+`"}`, change)
		if err := r.process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		told(t, conn, `MONOTONIC_USEC=\d+\nRELOADING=1`)
		told(t, conn, "READY=1")
	}
	if err := r.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	told(t, conn, "STOPPING=1")
}

// TestWatchdog: systemd hears nothing of a program that does not answer.
func TestWatchdog(t *testing.T) {
	conn, environ := manager(t, t.TempDir())
	name, value, _ := strings.Cut(environ, "=")
	t.Setenv(name, value)
	t.Setenv("WATCHDOG_USEC", "30000")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	asked := make(chan error)
	go watchdog(ctx, func(context.Context) error { return <-asked })
	asked <- nil
	told(t, conn, "WATCHDOG=1")
	for range 3 {
		asked <- errors.New("stuck")
	}
	asked <- nil // that of before has been dealt with
	told(t, conn, "WATCHDOG=1")
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 100)); err == nil {
		t.Errorf("a message of %d octets more", n)
	}
}

// activated runs the program with listeners that are passed as systemd passes them.
func (b bed) activated(t *testing.T, file string, listeners ...*net.TCPListener) *running {
	t.Helper()
	r := &running{t: t, dir: b.dir}
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=$1 exec "$0" serve --config "$2"`, itself(t), strconv.Itoa(len(listeners)), file)
	for _, l := range listeners {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	cmd.Env = os.Environ()
	r.start(cmd)
	return r
}

// TestSocketActivation: a socket that systemd passes is that of the listener, or of admin, at its address. One that is nobody's is an error.
func TestSocketActivation(t *testing.T) {
	b := newBed(t)
	var sockets []*net.TCPListener
	for _, address := range []string{"127.0.0.1:0", "[::]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		sockets = append(sockets, l.(*net.TCPListener))
	}
	one := sockets[0].Addr().String()
	_, port, _ := net.SplitHostPort(sockets[1].Addr().String())
	file := b.write(t, `  - {name: one, address: "`+one+`"}
  - {name: two, address: ":`+port+`"}`)
	early, err := net.Dial("tcp", one) // before there is a program
	if err != nil {
		t.Fatal(err)
	}
	b.activated(t, file, sockets...).logged("listening", "")
	p := newPeer(t, early)
	p.expect("* PREAUTH ready")
	p.noop()
	greeted(t, "127.0.0.1:"+port).noop()

	file = b.write(t, `  - {name: one, address: "`+one+`"}`)
	r := b.activated(t, file, sockets...)
	r.logged("dataplane: a socket on [::]:"+port+" was passed, which is the address of no listener", "")
}
