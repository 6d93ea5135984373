package pep

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

// sizes are of literals: about those from which on they are spliced, and of what is read, held by a pipe, and taken by a socket at once.
var sizes = []int{0, 1, leastSplice - 1, leastSplice, leastSplice + 1, readSize - 1, readSize + 1, 256<<10 + 1, 5 << 20}

// octets are n that can be told from each other.
func octets(n int) []byte {
	b, err := io.ReadAll(pattern(int64(n)))
	if err != nil {
		panic(err)
	}
	return b
}

// cuts are where a literal is cut into pieces that come one after the other.
func cuts(n int) []int {
	at := []int{0}
	for _, c := range []int{1, leastSplice, n / 2, n - leastSplice, n - 1} {
		if c > at[len(at)-1] && c < n {
			at = append(at, c)
		}
	}
	return append(at, n)
}

// TestLiteralsPass: a literal arrives as it was sent, and what stands before and behind it too, in both directions, in whatever
// pieces it comes, and though its reader is slow.
func TestLiteralsPass(t *testing.T) {
	b := newBed(t, nil)
	client, server := b.login()
	client.send("a1 SELECT INBOX")
	server.expect("a1 SELECT INBOX")
	server.send("a1 OK done")
	client.expect("a1 OK done")
	pass := func(from, to *peer, data []byte) {
		t.Helper()
		go func() {
			at := cuts(len(data))
			for i := range at[1:] {
				_, _ = from.conn.Write(data[at[i]:at[i+1]])
				time.Sleep(time.Millisecond) // so that most pieces come alone; none has to
			}
			from.send("")
		}()
		got := make([]byte, len(data))
		if _, err := io.ReadFull(to.r, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, data) {
			t.Fatalf("%d octets have changed", len(data))
		}
		to.expect("")
	}
	for _, n := range sizes {
		data := octets(n)
		client.send("a2 FETCH 1 BODY[]")
		server.expect("a2 FETCH 1 BODY[]")
		line := fmt.Sprintf("* 1 FETCH (BODY[] {%d}", n)
		server.send(line)
		client.expect(line)
		pass(server, client, data)
		server.send("a2 OK done")
		client.expect("a2 OK done")

		line = fmt.Sprintf("a3 APPEND INBOX {%d}", n)
		client.send(line)
		server.expect(line)
		server.send("+ go on")
		client.expect("+ ready")
		pass(client, server, data)
		server.send("a3 OK done")
		client.expect("a3 OK done")
	}
}

// TestCutLiterals: a server that closes in the middle of a literal breaks the client's connection: what it had said arrives, and
// nothing behind it that could make the message look whole.
func TestCutLiterals(t *testing.T) {
	const size = 300 << 10
	data := octets(size)
	b := newBed(t, nil)
	for _, n := range cuts(size) {
		if n == size {
			continue
		}
		client, server := b.login()
		client.send("a1 SELECT INBOX")
		server.expect("a1 SELECT INBOX")
		server.send("a1 OK done")
		client.expect("a1 OK done")
		client.send("a2 FETCH 1 BODY[]")
		server.expect("a2 FETCH 1 BODY[]")
		line := fmt.Sprintf("* 1 FETCH (BODY[] {%d}", size)
		server.send(line)
		client.expect(line)
		go func() {
			_, _ = server.conn.Write(data[:n])
			_ = server.conn.Close()
		}()
		got, err := io.ReadAll(client.r)
		if err != nil || !bytes.Equal(got, data[:n]) {
			t.Errorf("cut at %d: %d octets arrived, %v", n, len(got), err)
		}
	}
}

// TestMessageThatNobodyReads: a server that takes no more of a message is given up after the write timeout, wherever octets then are.
func TestMessageThatNobodyReads(t *testing.T) {
	b := newBed(t, func(o *Options, _ *Listener) { o.Timeouts.Write = 300 * time.Millisecond })
	client, server := b.login()
	client.send("a1 APPEND INBOX {100000000}")
	server.expect("a1 APPEND INBOX {100000000}")
	server.send("+ go on")
	client.expect("+ ready")
	go func() { _, _ = io.Copy(client.conn, pattern(100_000_000)) }()
	if e := b.event(UpstreamFailed); e.Reason != upstreamWrite || !errors.Is(e.Err, os.ErrDeadlineExceeded) {
		t.Errorf("%+v", e)
	}
}

// TestMixed: literals and lines that come in one piece arrive so, whatever came before them: behind a long literal less is read at once, and
// behind many lines more.
func TestMixed(t *testing.T) {
	client, server := newBed(t, nil).selected(false)
	client.send("a2 FETCH 1:* BODY[]")
	server.expect("a2 FETCH 1:* BODY[]")
	var all []byte
	for _, n := range []int{64 << 10, 64 << 10, 3, 5000, 1 << 20, 31 << 10, 40 << 10} {
		all = fmt.Appendf(all, "* 1 FETCH (BODY[] {%d}\r\n%s)\r\n", n, octets(n))
		for i := range n / 100 {
			all = fmt.Appendf(all, "* %d FETCH (FLAGS ())\r\n", i+1)
		}
	}
	all = append(all, "a2 OK done\r\n"...)
	go func() { _, _ = server.conn.Write(all) }()
	got := make([]byte, len(all))
	if _, err := io.ReadFull(client.r, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, all) {
		t.Error("octets have changed")
	}
}
