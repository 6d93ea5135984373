package main

import (
	"testing"
	"time"
)

// What a session may hold, in octets: see the dataplane's documentation.
const (
	waiting         = 12 << 10
	waitingUnderTLS = 40 << 10
)

// TestSessionMemory opens sessions that wait, and looks at what each adds to the program.
func TestSessionMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("opens 1000 sessions")
	}
	t.Setenv("GOGC", "50") // without the room for garbage that tune leaves
	program := built(t)
	for mode, most := range map[string]int{"off": waiting, "implicit": waitingUnderTLS} {
		t.Run("TLS "+mode, func(t *testing.T) {
			r := serve(t, program, mode)
			open := func(n int) {
				for range n {
					client, server := r.connect()
					server.send("* PREAUTH ready")
					client.expect("* PREAUTH ready")
					client.send("a1 SELECT INBOX")
					server.expect("a1 SELECT INBOX")
					server.send("a1 OK done")
					client.expect("a1 OK done")
				}
				time.Sleep(100 * time.Millisecond)
			}
			open(50) // what is there once
			base := memory(t, r.process.Pid, "VmRSS")
			const n = 500
			open(n)
			each := (memory(t, r.process.Pid, "VmRSS") - base) / n
			t.Logf("%d KiB for each session", each>>10)
			if each > most {
				t.Errorf("%d octets for each session, over %d", each, most)
			}
		})
	}
}
