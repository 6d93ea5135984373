package pep

import (
	"strings"
	"testing"
	"time"
)

// TestIdleTrickle: a client that sends a message octet by octet is idle, and one that sends its part of it is not.
func TestIdleTrickle(t *testing.T) {
	t.Parallel()
	const message = "a1 APPEND INBOX {100000}"
	trickle := func(t *testing.T, b *bed, each string) (cut bool) {
		t.Helper()
		client, server := b.login()
		client.send(message)
		server.expect(message)
		server.send("+ go on")
		client.expect("+ ready")
		go func() {
			for {
				if _, err := server.r.ReadByte(); err != nil {
					return
				}
			}
		}()
		for range 50 {
			time.Sleep(50 * time.Millisecond)
			if _, err := client.conn.Write([]byte(each)); err != nil {
				return true
			}
		}
		_ = client.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := client.r.ReadByte()
		return err == nil
	}
	change := func(o *Options, _ *Listener) { o.Timeouts.Idle, o.Progress = time.Second, 1000 }
	b := newBed(t, change)
	if !trickle(t, b, "x") {
		t.Error("a client of 20 octets a second is not idle")
	}
	if e := b.event("ended"); e.Reason != "idle for too long" {
		t.Errorf("%+v", e)
	}
	if b := newBed(t, change); trickle(t, b, strings.Repeat("x", 400)) {
		t.Error("a client of 8000 octets a second is idle")
	}
}

// TestBusyClientIsNotIdle: commands keep a session, whatever their size, and so does an answer that is long in coming.
func TestBusyClientIsNotIdle(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.Idle, o.Progress = 2*time.Second, 1<<20 })
	client, server := b.login()
	for range 6 {
		time.Sleep(400 * time.Millisecond)
		client.send("a1 NOOP")
		server.expect("a1 NOOP")
		server.send("a1 OK done")
		client.expect("a1 OK done")
	}
	client.send("a2 IDLE")
	server.expect("a2 IDLE")
	server.send("+ idling")
	client.expect("+ idling")
	time.Sleep(time.Second)
	client.send("DONE")
	server.expect("DONE")
	server.send("a2 OK done")
	client.expect("a2 OK done")
}
