package pep

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// only is the bed's one session, once there is it.
func (b *bed) only() *relay {
	b.t.Helper()
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	for r := range b.server.relays {
		return r
	}
	b.t.Fatal("no session")
	return nil
}

// TestSocketsOfASession: both send at once what they are given, and notice a peer that is gone, whoever set the option.
func TestSocketsOfASession(t *testing.T) {
	b := newBed(t, nil)
	b.login()
	r := b.only()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, side := range []session.Side{session.Client, session.Server} {
		for name, o := range map[string][2]int{
			"TCP_NODELAY": {unix.IPPROTO_TCP, unix.TCP_NODELAY}, "SO_KEEPALIVE": {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
		} {
			if v, err := unix.GetsockoptInt(r.legs[side].fd, o[0], o[1]); err != nil || v == 0 {
				t.Errorf("%v: %s is %d, %v", side, name, v, err)
			}
		}
	}
}

// TestWhatHasSpokenIsNoLoop: nothing is kept of how the connections of a session were made once both sides have said something.
func TestWhatHasSpokenIsNoLoop(t *testing.T) {
	b := newBed(t, nil)
	noted := func() int {
		b.server.loops.mu.Lock()
		defer b.server.loops.mu.Unlock()
		return len(b.server.loops.conns)
	}
	b.dial()
	server := b.accept()
	if n := noted(); n != 2 {
		t.Errorf("%d connections are noted before anyone has said anything", n)
	}
	server.conn.Close()
	b.event("ended")
	b.login()
	if n := noted(); n != 0 {
		t.Errorf("%d connections are noted behind a login", n)
	}
}

// TestServersWithoutNames: whatever a server's address is, it is connected to.
func TestServersWithoutNames(t *testing.T) {
	for name, listenAt := range map[string][2]string{
		"IPv4": {"tcp", "127.0.0.1:0"}, "IPv6": {"tcp", "[::1]:0"}, "unix": {"unix", filepath.Join(t.TempDir(), "imap")},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen(listenAt[0], listenAt[1])
			if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			b := newBed(t, func(_ *Options, to *Listener) {
				to.Upstream.Network, to.Upstream.Address = l.Addr().Network(), l.Addr().String()
			})
			b.upstream = l
			b.login()
			if r := b.only(); !r.listener.Upstream.direct {
				t.Error("a goroutine connected")
			}
		})
	}
	b := newBed(t, func(_ *Options, to *Listener) {
		to.Upstream.Network, to.Upstream.Address = "unix", filepath.Join(t.TempDir(), "nobody")
	})
	b.dial().expect("* BYE [UNAVAILABLE] server unreachable")
	if e := b.event(UpstreamFailed); e.Reason != upstreamConnect || !errors.Is(e.Err, os.ErrNotExist) {
		t.Errorf("%+v", e)
	}
}

// TestAcceptFails: when there are no descriptors left it is said once, and accepting goes on by itself.
func TestAcceptFails(t *testing.T) {
	b := newBed(t, nil)
	b.login()
	b.server.mu.Lock()
	var a *acceptor
	for a = range b.server.acceptors {
	}
	b.server.mu.Unlock()
	a.failed(unix.EMFILE)
	a.failed(unix.EMFILE) // as another loop may have it at the same time
	b.login()
	if e := b.event(AcceptFailed); !errors.Is(e.Err, unix.EMFILE) || e.Listener != "imap" || b.count(AcceptFailed) != 1 {
		t.Errorf("%d of %+v", b.count(AcceptFailed), e)
	}
}

// TestWaiting: whoever waits for a loop's socket is woken by what comes, by a deadline, also one that is set meanwhile, and by Close.
func TestWaiting(t *testing.T) {
	loop, err := newReactor(0)
	if err != nil {
		t.Fatal(err)
	}
	defer loop.stop()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[1])
	if err := unix.SetNonblock(ends[0], true); err != nil {
		t.Fatal(err)
	}
	c := &fdConn{reactor: loop, fd: ends[0]}
	type result struct {
		octets string
		err    error
	}
	read := func() <-chan result {
		done := make(chan result, 1)
		go func() {
			var p [8]byte
			n, err := c.Read(p[:])
			done <- result{string(p[:n]), err}
		}()
		return done
	}
	check := func(got result, octets string, err error) {
		t.Helper()
		if got.octets != octets || !errors.Is(got.err, err) {
			t.Errorf("%q, %v, want %q, %v", got.octets, got.err, octets, err)
		}
	}
	for _, octets := range []string{"one", "two"} {
		waiting := read()
		if _, err := unix.Write(ends[1], []byte(octets)); err != nil {
			t.Fatal(err)
		}
		check(<-waiting, octets, nil)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	check(<-read(), "", os.ErrDeadlineExceeded)
	_ = c.SetReadDeadline(time.Time{})
	waiting := read()
	_ = c.SetReadDeadline(time.Unix(1, 0))
	check(<-waiting, "", os.ErrDeadlineExceeded)
	_ = c.SetReadDeadline(time.Time{})
	waiting = read()
	_ = c.Close()
	check(<-waiting, "", net.ErrClosed)
}
