package pep

import (
	"fmt"
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
