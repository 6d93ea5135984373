package pep

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestChaos runs many sessions at once, in which either side closes, resets or stops reading at any point, the decider is late or
// silent, and the shell is shut down in the middle. Nothing is left behind. Run it with the race detector.
func TestChaos(t *testing.T) {
	defer baseline(t)()
	t.Run("leaves nothing behind", func(t *testing.T) {
		b := newBed(t, func(o *Options, l *Listener) {
			o.Decider = pdp.Func(sometimes)
			o.Timeouts.Write, o.Timeouts.Idle, o.Timeouts.HalfClosed = 200*time.Millisecond, 500*time.Millisecond, 200*time.Millisecond
			l.Session.Limits.Output = 4 << 10
		})
		var upstream sync.WaitGroup
		upstream.Go(func() {
			for {
				conn, err := b.upstream.Accept()
				if err != nil {
					return
				}
				upstream.Go(func() { chaoticServer(conn) })
			}
		})
		var clients sync.WaitGroup
		for range 20 {
			clients.Go(func() {
				for range 10 {
					conn, err := net.Dial("tcp", b.addr.String())
					if err != nil {
						return // the shell was shut down
					}
					chaoticClient(conn)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = b.server.Shutdown(ctx) // may cut sessions off
		clients.Wait()
		b.upstream.Close()
		upstream.Wait()
		opened, ended := b.count(Opened), b.count("ended")
		if opened == 0 || opened != ended {
			t.Errorf("%d sessions opened and %d ended", opened, ended)
		}
		if b.server.Sessions() != 0 {
			t.Errorf("%d sessions are left", b.server.Sessions())
		}
	})
}

// sometimes answers, late or early or not at all.
func sometimes(c *pdp.Connection, q session.Question) (*session.Decision, error) {
	switch rand.IntN(10) {
	case 0:
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	case 1:
		return nil, pdp.ErrDeadline
	}
	return pdp.AcceptAll(c, q)
}

// leave ends a connection in one of the ways there are.
func leave(conn net.Conn) {
	switch rand.IntN(4) {
	case 0:
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
	case 1:
		_ = conn.(*net.TCPConn).CloseWrite()
		_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = io.Copy(io.Discard, conn)
	case 2:
		time.Sleep(50 * time.Millisecond) // without reading
	}
	_ = conn.Close()
}

func chaoticClient(conn net.Conn) {
	defer leave(conn)
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		if rand.IntN(4) > 0 {
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	defer func() {
		_ = conn.SetReadDeadline(time.Now())
		<-reading
		_ = conn.SetReadDeadline(time.Time{})
	}()
	if _, err := io.WriteString(conn, "a0 LOGIN demo secret\r\na1 SELECT INBOX\r\n"); err != nil {
		return
	}
	for range rand.IntN(30) {
		command := []string{
			"b1 NOOP", "b2 FETCH 1:* BODY[]", "b3 APPEND INBOX {2000+}\r\n" + strings.Repeat("x", 2000),
			"b4 APPEND INBOX {10}", "b5 IDLE\r\nDONE", "b6 nonsense {", "b7 LIST \"\" {1+}\r\n*", "b8 LOGOUT",
		}[rand.IntN(8)]
		if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
			return
		}
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
	}
}

func chaoticServer(conn net.Conn) {
	defer leave(conn)
	r := bufio.NewReader(conn)
	_, _ = io.WriteString(conn, "* OK ready\r\n")
	for range rand.IntN(40) {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, _, ok := strings.Cut(strings.TrimSpace(line), " ")
		answer := tag + " OK done\r\n"
		switch {
		case strings.HasSuffix(line, "}\r\n"), strings.HasSuffix(line, "IDLE\r\n"):
			answer = "+ go on\r\n"
		case strings.Contains(line, "FETCH"):
			answer = "* 1 FETCH (BODY[] {20000}\r\n" + strings.Repeat("x", 20_000) + ")\r\n" + answer
		case !ok:
			answer = "* 1 EXISTS\r\n"
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}
