package pep

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

func TestServerThatDoesNotAcceptInTime(t *testing.T) {
	b := newBed(t, func(o *Options, l *Listener) {
		o.Timeouts.Connect = 200 * time.Millisecond
		l.Upstream.Address = deaf(t)
	})
	client := b.dial()
	client.expect("* BYE [UNAVAILABLE] server unreachable")
	client.expectEnd()
	var late net.Error
	if e := b.event("ended"); !errors.As(e.Err, &late) || !late.Timeout() {
		t.Errorf("%+v", e)
	}
}

// deaf is an address whose connections are never accepted, nor refused.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port)
	for range 10 { // until there is no room to wait in
		conn, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("all are accepted")
	return ""
}
