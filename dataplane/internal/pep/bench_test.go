package pep

import (
	"fmt"
	"io"
	"testing"
	"time"
)

// BenchmarkCommand is a NOOP and its answer through the shell, beside the same over one connection of the same kind. The decider
// answers at once.
func BenchmarkCommand(b *testing.B) {
	run := func(b *testing.B, client, server *peer) {
		client.tolerate(time.Hour)
		server.tolerate(time.Hour)
		answer := []byte("a1 OK done\r\n")
		go func() {
			for {
				if _, err := server.r.ReadSlice('\n'); err != nil {
					return
				}
				if _, err := server.conn.Write(answer); err != nil {
					return
				}
			}
		}()
		command := []byte("a1 NOOP\r\n")
		for b.Loop() {
			if _, err := client.conn.Write(command); err != nil {
				b.Fatal(err)
			}
			if _, err := client.r.ReadSlice('\n'); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("through", func(b *testing.B) {
		client, server := newBed(b, nil).login()
		run(b, client, server)
	})
	b.Run("direct", func(b *testing.B) {
		bed := newBed(b, nil)
		bed.addr = bed.upstream.Addr()
		client, server := bed.dial(), bed.accept()
		run(b, client, server)
	})
}

// BenchmarkLiteral is a large literal from the server.
func BenchmarkLiteral(b *testing.B) {
	client, server := newBed(b, nil).login()
	client.tolerate(time.Hour)
	server.tolerate(time.Hour)
	client.send("a1 SELECT INBOX")
	server.expect("a1 SELECT INBOX")
	server.send("a1 OK done")
	client.expect("a1 OK done")
	client.send("a2 FETCH 1:* BODY[]")
	server.expect("a2 FETCH 1:* BODY[]")
	const size = 64 << 20
	b.SetBytes(size)
	for b.Loop() {
		go func() {
			server.send(fmt.Sprintf("* 1 FETCH (BODY[] {%d}", size))
			_, _ = io.Copy(server.conn, pattern(size))
			server.send(")")
		}()
		client.line()
		if _, err := io.CopyN(io.Discard, client.r, size); err != nil {
			b.Fatal(err)
		}
		client.expect(")")
	}
}
