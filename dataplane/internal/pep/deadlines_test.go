package pep

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestDeadlines(t *testing.T) {
	t.Run("no login in time, however busy the client is", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.Login = 300 * time.Millisecond })
		client, _ := b.open()
		go func() {
			for range 100 {
				if _, err := client.conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		client.expect("* BYE no login in time")
		client.expectEnd()
	})
	t.Run("idle after login", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, _ *Listener) {
			o.Timeouts.Login, o.Timeouts.Idle = time.Second, 2*time.Second
		})
		client, server := b.login()
		for range 3 { // longer than either, in all
			time.Sleep(time.Second)
			client.send("a1 NOOP")
			server.expect("a1 NOOP")
			server.send("a1 OK done")
			client.expect("a1 OK done")
		}
		client.expect("* BYE idle for too long")
		client.expectEnd()
		server.expectEnd()
	})
	t.Run("a server that talks keeps an idle client", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.Idle = 2 * time.Second })
		client, server := b.login()
		client.send("a1 IDLE")
		server.expect("a1 IDLE")
		server.send("+ idling")
		client.expect("+ idling")
		for range 3 {
			time.Sleep(time.Second)
			server.send("* OK still here")
			client.expect("* OK still here")
		}
	})
	t.Run("a client that does not read", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.Write = 300 * time.Millisecond })
		client, server := b.login()
		flood(t, client, server)
		if e := b.event("ended"); e.Reason != "writing to the client failed" && e.Reason != "the client's connection failed" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("half closed, and the server silent", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.HalfClosed = 200 * time.Millisecond })
		client, server := b.login()
		client.send("a1 NOOP")
		_ = client.conn.(*net.TCPConn).CloseWrite()
		server.expect("a1 NOOP")
		client.expectEnd()
		server.expectEnd()
	})
	t.Run("a client that does not begin TLS in time", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, l *Listener) {
			o.Timeouts.TLSHandshake = 200 * time.Millisecond
			l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
		})
		b.dial().expectEnd()
		if e := b.event(HandshakeFailed); !errors.Is(e.Err, context.DeadlineExceeded) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("a server that does not accept TLS in time", func(t *testing.T) {
		t.Parallel()
		b := newBed(t, func(o *Options, l *Listener) {
			o.Timeouts.TLSHandshake = 200 * time.Millisecond
			l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
		})
		client := b.dial()
		b.accept()
		client.expect("* BYE [UNAVAILABLE] server unreachable")
	})
}

// flood lets the server write until nobody takes any more.
func flood(t *testing.T, client, server *peer) {
	t.Helper()
	client.send("f1 NOOP")
	server.expect("f1 NOOP")
	line := []byte("* OK " + strings.Repeat("x", 1000) + "\r\n")
	for {
		_ = server.conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		if _, err := server.conn.Write(line); err != nil {
			return
		}
	}
}
