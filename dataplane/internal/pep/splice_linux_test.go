package pep

import (
	"fmt"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestNothingIsKept: what the kernel was told to keep for more is sent when no more comes. It would wait for 200 ms.
func TestNothingIsKept(t *testing.T) {
	b := newBed(t, nil)
	client, server := b.selected(false)
	client.send("a2 FETCH 1:* BODY[]")
	server.expect("a2 FETCH 1:* BODY[]")
	const size = 40 << 10 // so that the client has room for it
	line := fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n", size)
	data := octets(size)
	say := func(s string) {
		t.Helper()
		if _, err := server.conn.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	r := b.only()
	var said uint64
	r.mu.Lock()
	said = r.legs[session.Server].read
	r.mu.Unlock()
	for _, cut := range []int{size, size, headSize, headSize - len(line), size / 2, size} {
		for _, part := range []string{line + string(data[:cut]), string(data[cut:]) + ")\r\n"} {
			say(part)
			said += uint64(len(part))
			if kept := b.kept(r, said); kept != 0 {
				t.Errorf("%d of %d octets are kept", kept, len(part))
			}
			got := make([]byte, len(part))
			if _, err := io.ReadFull(client.r, got); err != nil || string(got) != part {
				t.Fatalf("octets have changed, or %v", err)
			}
		}
	}
}

// kept is what the client's socket has and has not sent, though there is room, once so much of the server was read.
func (b *bed) kept(r *relay, read uint64) (n int) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r.mu.Lock()
		done := r.legs[session.Server].read == read
		var err error
		if done {
			n, err = unix.IoctlGetInt(r.legs[session.Client].fd, unix.SIOCOUTQNSD)
		}
		r.mu.Unlock()
		if err != nil {
			b.t.Fatal(err)
		}
		if done {
			return n
		}
	}
	b.t.Fatal("not all was read")
	return 0
}
