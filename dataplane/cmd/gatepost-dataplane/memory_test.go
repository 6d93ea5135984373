package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const mayGrow = 4 << 20

var mebibytes = flag.Int64("message", 100, "the MiB of TestLargeMessage's message; 256 at most, limits.message's default")

// TestLargeMessage sends 100 MB, or what -message says, through the program, each way, in the clear and under TLS. The message arrives unchanged, and the
// program grows by less than 4 MB, beside the garbage that it lets lie by default (tune).
func TestLargeMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 400 MB")
	}
	t.Setenv("GOGC", "50") // without the room for garbage that tune leaves: what is held counts
	program := built(t)
	t.Setenv("GOGC", strconv.Itoa(gcPercent))
	for _, mode := range []string{"off", "implicit"} {
		t.Run("TLS "+mode, func(t *testing.T) {
			r := serve(t, program, mode)
			client, server := r.connect()
			pid := r.process.Pid
			server.send("* PREAUTH ready")
			client.expect("* PREAUTH ready")
			client.send("a0 SELECT INBOX")
			server.expect("a0 SELECT INBOX")
			server.send("a0 OK done")
			client.expect("a0 OK done")
			base := memory(t, pid, "VmRSS")

			began := time.Now()
			store := fmt.Sprintf("a1 APPEND INBOX {%d}", *mebibytes<<20)
			client.send(store)
			server.expect(store)
			server.send("+ go on")
			client.expect("+ ready")
			transfer(t, client, server)
			client.send("")
			server.expect("")
			server.send("a1 OK done")
			client.expect("a1 OK done")
			t.Logf("to the server: %.0f MB/s, grown by %d KiB", float64(*mebibytes<<20)/1e6/time.Since(began).Seconds(), (memory(t, pid, "VmHWM")-base)>>10)

			began = time.Now()
			client.send("a2 FETCH 1 BODY[]")
			server.expect("a2 FETCH 1 BODY[]")
			fetch := fmt.Sprintf("* 1 FETCH (BODY[] {%d}", *mebibytes<<20)
			server.send(fetch)
			client.expect(fetch)
			transfer(t, server, client)
			server.send(")", "a2 OK done")
			client.expect(")", "a2 OK done")
			grown := memory(t, pid, "VmHWM") - base
			t.Logf("to the client: %.0f MB/s, grown by %d KiB", float64(*mebibytes<<20)/1e6/time.Since(began).Seconds(), grown>>10)
			if grown >= mayGrow {
				t.Errorf("grew by %d KiB over %d KiB", grown>>10, base>>10)
			}
		})
	}
}

// transfer sends the message from one peer to the other, and compares.
func transfer(t *testing.T, from, to *peer) {
	t.Helper()
	go func() {
		if _, err := io.Copy(from.conn, mail()); err != nil {
			t.Error(err)
		}
	}()
	want, got := sha256.New(), sha256.New()
	_, _ = io.Copy(want, mail())
	if _, err := io.CopyN(got, to.r, *mebibytes<<20); err != nil {
		t.Fatal(err)
	}
	if string(got.Sum(nil)) != string(want.Sum(nil)) {
		t.Fatal("the message has changed")
	}
}

// mail is a message of numbered lines.
func mail() io.Reader { return io.LimitReader(&lines{block: block()}, *mebibytes<<20) }

// block is a part of it, of no length that buffers have.
var block = sync.OnceValue(func() []byte {
	var b []byte
	for i := range 10_000 {
		b = fmt.Appendf(b, "line %d\r\n", i)
	}
	return b
})

// lines repeats a block.
type lines struct {
	block []byte
	at    int
}

func (l *lines) Read(p []byte) (int, error) {
	n := copy(p, l.block[l.at:])
	l.at = (l.at + n) % len(l.block)
	return n, nil
}

// memory reads a field of /proc/pid/status, in octets: VmRSS is what is resident, VmHWM its peak.
func memory(t *testing.T, pid int, field string) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatalf("no %s", field)
	return 0
}
