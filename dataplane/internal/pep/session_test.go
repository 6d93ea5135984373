package pep

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

func TestSession(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("runs", func(t *testing.T) {
		b := newBed(t, nil)
		client, server := b.login()
		client.send("a1 SELECT INBOX")
		server.expect("a1 SELECT INBOX")
		server.send("* 3 EXISTS", "a1 OK [READ-WRITE] done")
		client.expect("* 3 EXISTS", "a1 OK [READ-WRITE] done")
		client.send("a2 LOGOUT")
		server.expect("a2 LOGOUT")
		server.send("* BYE bye", "a2 OK done")
		client.expect("* BYE bye", "a2 OK done")
		client.expectEnd()
		server.expectEnd()

		ended := b.event("ended")
		if ended.Reason != "logout" || ended.User != "demo" || ended.FromClient != 50 || ended.Took <= 0 {
			t.Errorf("%+v", ended)
		}
	})
	settled(t, before)
}

// TestManyCommands keeps order through one session, whatever the goroutines do.
func TestManyCommands(t *testing.T) {
	b := newBed(t, nil)
	client, server := b.login()
	const n = 500
	go func() {
		for range n {
			tag, _, _ := strings.Cut(server.line(), " ")
			server.send("* 1 EXISTS", tag+" OK done")
		}
	}()
	go func() {
		for i := range n {
			client.send(tagOf(i) + " NOOP")
		}
	}()
	for i := range n {
		client.expect("* 1 EXISTS", tagOf(i)+" OK done")
	}
}

// TestNarrowOutput: what the machine held back for want of room goes on as soon as there is room, though nothing more is read.
func TestNarrowOutput(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) { l.Session.Limits.Output = 1 << 10 })
	client, server := b.login()
	const size = 100_000
	client.send(fmt.Sprintf("a1 APPEND INBOX {%d}", size))
	server.expect(fmt.Sprintf("a1 APPEND INBOX {%d}", size))
	server.send("+ go on")
	client.expect("+ ready")
	message := strings.Repeat("x", size)
	client.send(message)
	server.expect(message)
	server.send("a1 OK done")
	client.expect("a1 OK done")
	client.send("a2 SELECT INBOX")
	server.expect("a2 SELECT INBOX")
	server.send("a2 OK done")
	client.expect("a2 OK done")
	client.send("a3 FETCH 1 BODY[]")
	server.expect("a3 FETCH 1 BODY[]")
	head := fmt.Sprintf("* 1 FETCH (BODY[] {%d}", size)
	server.send(head, message+")", "a3 OK done")
	client.expect(head, message+")", "a3 OK done")
}

func tagOf(i int) string { return "t" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) }

func TestServerUnreachable(t *testing.T) {
	b := newBed(t, nil)
	b.upstream.Close()
	client := b.dial()
	client.expect("* BYE [UNAVAILABLE] server unreachable")
	client.expectEnd()
	if e := b.event("ended"); e.Err == nil {
		t.Errorf("%+v, want the network's error", e)
	}
}

func TestClientResets(t *testing.T) {
	b := newBed(t, nil)
	client, server := b.login()
	_ = client.conn.(*net.TCPConn).SetLinger(0)
	client.conn.Close()
	server.expectEnd()
	if e := b.event("ended"); e.Err == nil {
		t.Errorf("%+v, want the network's error", e)
	}
}

// TestHalfClose: a client that closes its side means "answer what I sent".
func TestHalfClose(t *testing.T) {
	b := newBed(t, nil)
	client, server := b.login()
	client.send("a1 NOOP", "a2 NOOP")
	if err := client.conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	server.expect("a1 NOOP")
	time.Sleep(50 * time.Millisecond) // the end has arrived by now
	server.send("a1 OK done")
	server.expect("a2 NOOP")
	server.send("a2 OK done")
	client.expect("a1 OK done", "a2 OK done")
	client.expectEnd()
	server.expectEnd()
}

func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("tells BYE", func(t *testing.T) {
		b := newBed(t, nil)
		loggedIn, server := b.login()
		greeted, _ := b.open()
		ungreeted := b.dial()
		b.accept()
		done := make(chan error)
		go func() { done <- b.server.Shutdown(context.Background()) }()
		for _, client := range []*peer{loggedIn, greeted, ungreeted} {
			client.expect("* BYE [UNAVAILABLE] the service is shutting down")
			client.expectEnd()
			client.conn.Close()
		}
		server.expectEnd()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := b.count("ended"); n != 3 {
			t.Errorf("%d sessions ended, want 3", n)
		}
	})
	t.Run("cuts what does not end", func(t *testing.T) {
		b := newBed(t, nil)
		client, server := b.login()
		flood(t, client, server) // the client does not read
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := b.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %v", err, context.DeadlineExceeded)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
	settled(t, before)
}

// TestDeciderAway: the client is told, the session lives, and the decider is used again when it is back.
func TestDeciderAway(t *testing.T) {
	away := make(chan bool, 1)
	away <- false
	b := newBed(t, func(o *Options, _ *Listener) {
		o.Decider = pdp.Func(func(c *pdp.Connection, q session.Question) (*session.Decision, error) {
			is := <-away
			away <- is
			if is {
				return nil, pdp.ErrUnavailable
			}
			return pdp.AcceptAll(c, q)
		})
	})
	client, server := b.login()
	for range 2 {
		<-away
		away <- true
		client.send("a1 NOOP")
		client.expect("a1 NO [UNAVAILABLE] policy service unavailable")
		<-away
		away <- false
		client.send("a2 NOOP")
		server.expect("a2 NOOP") // and a1 never came
		server.send("a2 OK done")
		client.expect("a2 OK done")
	}
	if e := b.event("decider_failed"); !errors.Is(e.Err, pdp.ErrUnavailable) || e.Command != "NOOP" || e.Verdict != "reject" {
		t.Errorf("%+v", e)
	}
}

// TestSlowDeciderDoesNotHoldOthers: a question that waits holds nothing but its own session.
func TestSlowDeciderDoesNotHoldOthers(t *testing.T) {
	slow := make(chan struct{})
	b := newBed(t, func(o *Options, _ *Listener) {
		o.Decider = pdp.Func(func(c *pdp.Connection, q session.Question) (*session.Decision, error) {
			if q.Kind == session.Command && q.Command.Name == "CHECK" {
				<-slow
			}
			return pdp.AcceptAll(c, q)
		})
	})
	first, firstServer := b.login()
	first.send("a0 SELECT INBOX")
	firstServer.expect("a0 SELECT INBOX")
	firstServer.send("a0 OK done")
	first.expect("a0 OK done")
	first.send("a1 CHECK")
	second, server := b.login()
	second.send("a1 NOOP")
	server.expect("a1 NOOP")
	server.send("a1 OK done")
	second.expect("a1 OK done")
	close(slow)
	firstServer.expect("a1 CHECK")
}
