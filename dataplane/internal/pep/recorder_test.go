package pep

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// recorder keeps all that arrives at one end of a connection, until it ends.
type recorder struct {
	conn net.Conn
	mu   sync.Mutex
	b    bytes.Buffer
	done chan struct{}
}

// record reads what arrives from now on, and closes the connection when it ends.
func record(t testing.TB, conn net.Conn) *recorder {
	r := &recorder{conn: conn, done: make(chan struct{})}
	_ = conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { conn.Close(); <-r.done })
	go func() {
		defer close(r.done)
		_, _ = io.Copy(r, conn)
		_ = conn.Close()
	}()
	return r
}

// Write implements io.Writer.
func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

// soFar is what has arrived.
func (r *recorder) soFar() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// all is what has arrived when the connection has ended.
func (r *recorder) all(t testing.TB) string {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatalf("not closed after %q", r.soFar())
	}
	return r.soFar()
}

// await waits until that has arrived.
func (r *recorder) await(t testing.TB, want string) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if bytes.Contains([]byte(r.soFar()), []byte(want)) {
			return
		}
	}
	t.Fatalf("%q has not arrived, but %q", want, r.soFar())
}
