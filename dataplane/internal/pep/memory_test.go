package pep

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// full is what a session may hold with the default limits, in octets, whatever its peers do: see the dataplane's documentation.
const full = 5 << 20

// TestSessionHolds: neither side can make a session hold more than its limits allow.
func TestSessionHolds(t *testing.T) {
	set := strings.Repeat("1,", 4_000) + "1"
	for _, c := range []struct {
		name string
		fill func(client, server *peer)
	}{
		{"nothing", func(*peer, *peer) {}},
		{"commands without an answer", func(client, _ *peer) {
			for i := range 100 {
				client.push(fmt.Sprintf("b%d NOOP\r\n", i))
			}
		}},
		{"long commands without an answer", func(client, _ *peer) {
			for i := 0; client.push(fmt.Sprintf("b%d FETCH %s FLAGS\r\n", i, set)); i++ {
			}
		}},
		{"commands of many tokens without an answer", func(client, _ *peer) {
			for i := 0; client.push(fmt.Sprintf("b%d SEARCH%s\r\n", i, strings.Repeat(" ALL", 9_000))); i++ {
			}
		}},
		{"commands of many lists without an answer", func(client, _ *peer) {
			for i := 0; client.push(fmt.Sprintf("b%d SEARCH%s\r\n", i, strings.Repeat(" (ALL)", 4_000))); i++ {
			}
		}},
		{"a line as long as may be, without its end", func(client, _ *peer) {
			client.push("b1 FETCH " + strings.Repeat(set, 8))
		}},
		{"literals as long as may be, without their end", func(client, _ *peer) {
			client.push("b1 SEARCH")
			for range 15 {
				client.push(" TEXT {8000+}\r\n" + strings.Repeat("x", 8000))
			}
		}},
		{"a message that the server does not read", func(client, server *peer) {
			client.send("b1 APPEND INBOX {100000000}")
			server.expect("b1 APPEND INBOX {100000000}")
			server.send("+ go on")
			client.expect("+ ready")
			for client.push(set) {
			}
		}},
		{"a line of the server without an end", func(_, server *peer) {
			server.push("* OK ")
			for range 104 {
				server.push(strings.Repeat("x", 10_000))
			}
		}},
		{"answers that nobody reads", func(_, server *peer) {
			for server.push("* OK " + strings.Repeat("x", 10_000) + "\r\n") {
			}
		}},
		{"a message that the client does not read", func(client, server *peer) {
			client.send("b1 FETCH 1 BODY[]")
			server.expect("b1 FETCH 1 BODY[]")
			server.send("* 1 FETCH (BODY[] {100000000}")
			for server.push(set) {
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t, nil)
			const n = 5
			var base uint64
			for i := range n + 1 {
				if i == 1 {
					base = inUse() + stacks()
				}
				client, server := b.selected(false)
				c.fill(client, server)
			}
			time.Sleep(50 * time.Millisecond)
			now := inUse() + stacks()
			each := (now - min(now, base)) / n // what the beds before left may go meanwhile
			t.Logf("%d KiB", each>>10)
			if each > full {
				t.Errorf("%d octets, over %d", each, full)
			}
		})
	}
}

// push sends octets as long as they are taken; false: they are not any more.
func (p *peer) push(octets string) bool {
	_ = p.conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	_, err := p.conn.Write([]byte(octets))
	return err == nil
}

// stacks are the octets of goroutines' stacks.
func stacks() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

// atRest is what an idle session may hold, in octets of live heap: the session itself in one piece, what its server offers (shared),
// who it is, and its place among the others.
const atRest = 2 << 10

// TestIdleSessionHolds: little, and in few pieces: each that is allocated by itself, among what a command takes for a moment, keeps
// a page of the heap from being given back.
func TestIdleSessionHolds(t *testing.T) {
	const first, more, pieces = 50, 400, 12
	const alone = "GATEPOST_TEST_ALONE"
	if os.Getenv(alone) == "" { // in a process of its own, where nothing that other tests have left goes meanwhile
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		out, err := cmd.CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, " octets in ") {
				t.Log(line)
			}
		}
		if err != nil {
			t.Errorf("%v: %.2000s", err, out)
		}
		return
	}
	b := newBed(t, func(o *Options, _ *Listener) { o.Sessions = Sessions{All: 1000, BeforeLogin: 1000, PerNetwork: 1000} })
	open := func(n int) {
		for range n {
			client, server := b.open() // with a list of capabilities, as servers have it
			client.send("a1 LOGIN demo secret")
			server.expect("a1 LOGIN demo secret")
			server.send("a1 OK [CAPABILITY IMAP4rev1 IDLE NAMESPACE UIDPLUS CONDSTORE QRESYNC ENABLE MOVE SPECIAL-USE] done")
			client.line()
			client.send("a2 SELECT INBOX")
			server.expect("a2 SELECT INBOX")
			server.send("* 3 EXISTS", "a2 OK [READ-WRITE] done")
			client.expect("* 3 EXISTS", "a2 OK [READ-WRITE] done")
		}
	}
	measure := func() (octets, objects uint64) {
		b.mu.Lock()
		b.events = nil // the test's own
		b.mu.Unlock()
		return settledHeap()
	}
	open(first)
	octets, objects := measure()
	open(more)
	octetsNow, objectsNow := measure()
	// The test's own part of a session: two connections of package net with a reader each, and what the test's clean-up holds.
	mine, ofMine := peers(t, more)
	each, in := (int64(octetsNow-octets)-mine)/more, (int64(objectsNow-objects)-ofMine)/more
	t.Logf("%d octets in %d pieces", each, in)
	if each <= 0 || each > atRest || in > pieces {
		t.Errorf("an idle session holds %d octets in %d pieces, over %d in %d", each, in, atRest, pieces)
	}
}

// peers is what the test's ends of n sessions hold: two each.
func peers(t *testing.T, n int) (octets, objects int64) {
	t.Helper()
	l := listen(t)
	octetsBefore, objectsBefore := settledHeap()
	for range n {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*peer{newPeer(t, conn), newPeer(t, far)} {
			_, _ = p.r.Peek(0)
		}
	}
	octetsNow, objectsNow := settledHeap()
	return int64(octetsNow - octetsBefore), int64(objectsNow - objectsBefore)
}

// settledHeap is what is live once what other tests have left is gone.
func settledHeap() (octets, objects uint64) {
	var m runtime.MemStats
	for octets = inUse() + 1; ; octets = m.HeapAlloc {
		time.Sleep(20 * time.Millisecond)
		inUse()
		if runtime.ReadMemStats(&m); m.HeapAlloc+4<<10 > octets {
			return m.HeapAlloc, m.HeapObjects
		}
	}
}
