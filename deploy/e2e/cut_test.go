package e2e

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

// cutEvery is the step between the places where connections are cut. It has no factor in common with a line's length.
const cutEvery = 17

// A server that is gone in the middle of what it says is a broken connection to the client: never a message that is shorter and
// looks whole, and never an answer that was not given.
func TestServerIsCutOff(t *testing.T) {
	b := newBed(t, setup{judge: newJudge(t, acceptAll), altered: true})
	b.server.deliver(t, b.user, "INBOX", mail["nested"])
	session := func() (whole string, err error) {
		conn, err := net.Dial("tcp", b.clientLeg.addr)
		must(t, err)
		c := newTerminal(t, conn)
		defer conn.Close()
		for _, command := range []string{"", "a1 LOGIN " + b.user + " " + password, "a2 EXAMINE INBOX", "a3 FETCH 1 BODY.PEEK[]", "a4 NOOP"} {
			if command != "" {
				if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
					return whole, err
				}
			}
			tag, _, _ := strings.Cut(command, " ")
			for r := ""; !strings.HasPrefix(r, tag+" ") && (command != "" || !strings.HasPrefix(r, "* ")); {
				if r, err = readResponse(c.r); err != nil {
					return whole, err
				}
				if strings.HasPrefix(r, "* BYE") {
					return whole, io.EOF
				}
				if strings.Contains(r, "FETCH") && strings.HasPrefix(r, "*") {
					whole = r
				}
			}
		}
		return whole, nil
	}
	want, err := session()
	must(t, err)
	// Dovecot's texts hold timings of different length: the end of one session may lie behind the end of another.
	all := len(b.lastOnServerLeg().from(true)) - 64
	for at := 1; at < all; at += cutEvery {
		b.serverLeg.cut.Store(int64(at))
		got, err := session()
		if err == nil {
			t.Errorf("cut behind octet %d of %d, and the client saw no failure", at, all)
		}
		if got != "" && got != want {
			t.Errorf("cut behind octet %d, and the client got %q", at, got)
		}
	}
	b.serverLeg.cut.Store(0)
	if got, err := session(); err != nil || got != want {
		t.Errorf("afterwards: %v, %q", err, got)
	}
}

// A client that is gone in the middle of an APPEND stores nothing; one that is gone behind it stores the message once.
func TestClientIsCutOff(t *testing.T) {
	b := newBed(t, setup{judge: newJudge(t, acceptAll), altered: true})
	const message = "Subject: x\r\n\r\nbody\r\n"
	for _, literal := range []string{"{20+}", "{20}"} {
		command := "a1 APPEND INBOX " + literal + "\r\n" + message + "\r\n"
		for at := range len(command) + 1 {
			conn, err := net.Dial("tcp", b.clientLeg.addr)
			must(t, err)
			c := newTerminal(t, conn)
			c.login(b.user)
			head, rest, _ := strings.Cut(command[:at], "}\r\n")
			if len(head) < at {
				c.send(head + "}\r\n")
				if literal == "{20}" {
					c.until("+ ")
				}
				head = rest
			}
			c.send(head)
			if at == len(command) {
				must(t, conn.(*net.TCPConn).CloseWrite())
				c.until("a1 OK")
			}
			must(t, conn.Close())
			b.lastOnServerLeg()
		}
	}
	direct := b.server.direct(t, b.user)
	status, err := direct.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait()
	must(t, err)
	if *status.NumMessages != 2 {
		t.Errorf("%d messages, want 2", *status.NumMessages)
	}
	must(t, direct.Logout().Wait())
	for _, text := range b.texts("INBOX") {
		if text != message {
			t.Errorf("stored %q", text)
		}
	}
}
