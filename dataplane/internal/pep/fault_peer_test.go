package pep

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
)

// The ways in which a peer goes.
var ways = map[string]func(net.Conn){
	"closes": func(c net.Conn) { _ = c.(interface{ CloseWrite() error }).CloseWrite() },
	"resets": func(c net.Conn) {
		if t, ok := c.(*tls.Conn); ok {
			c = t.NetConn() // without a close_notify
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	},
}

// mail is 45 octets of a message that looks like other things.
const mail = "From: me\r\n\r\na9 DELETE INBOX\r\n* BYE\r\n+ go on\r\n"

// TestClientGoesAtEveryPointOfAppend: the server gets what came of it, and the whole message only if all of it came.
func TestClientGoesAtEveryPointOfAppend(t *testing.T) {
	defer baseline(t)()
	for kind, head := range map[string]string{"non-synchronizing": "a1 APPEND INBOX {45+}\r\n", "synchronizing": "a1 APPEND INBOX {45}\r\n"} {
		for way, leave := range ways {
			t.Run(kind+", "+way, func(t *testing.T) {
				b := newBed(t, nil)
				octets := head + mail + "\r\n"
				for cut := range len(octets) + 1 {
					client, server := b.login()
					got := record(t, server.conn)
					client.write(octets[:min(cut, len(head))])
					if cut >= len(head) {
						got.await(t, "}\r\n")
						server.write("+ go on\r\n")
						if kind == "synchronizing" {
							client.expect("+ ready")
						}
						client.write(octets[len(head):cut])
					}
					if cut < len(octets) {
						leave(client.conn)
					} else {
						got.await(t, "go on\r\n\r\n")
						server.write("a1 OK done\r\n")
						client.expect("a1 OK done")
						leave(client.conn)
					}
					want := strings.Replace(octets, "+}", "}", 1) // as servers get it
					all := got.all(t)
					if !strings.HasPrefix(want, all) {
						t.Fatalf("after %d octets the server got %q", cut, all)
					}
					if whole := all == want; whole != (cut == len(octets)) {
						t.Fatalf("after %d octets of %d the server got the whole: %t", cut, len(octets), whole)
					}
					if way == "closes" && cut < len(octets) {
						if rest, err := io.ReadAll(client.r); err != nil || strings.Contains(string(rest), "OK") {
							t.Fatalf("after %d octets the client got %q, %v", cut, rest, err)
						}
					}
					client.conn.Close()
				}
			})
		}
	}
}

// TestServerGoesAtEveryPointOfFetch: the client sees an end of the session, never the end of a message that was not; and it sees BYE where it
// can be told from the message.
func TestServerGoesAtEveryPointOfFetch(t *testing.T) {
	defer baseline(t)()
	const answer = "* 1 FETCH (FLAGS () BODY[] {45}\r\n" + mail + " UID 7)\r\na2 OK done\r\n"
	const bye = "* BYE [UNAVAILABLE] server closed the connection\r\n"
	begun, ended := strings.Index(answer, "\r\n")+2, strings.Index(answer, "a2 OK")
	literal := begun + len(mail)
	for name, secure := range map[string]bool{"in the clear": false, "under TLS": true} {
		for way, leave := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				b := newBed(t, func(_ *Options, l *Listener) {
					if secure {
						l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
						l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
					}
				})
				for cut := range len(answer) {
					client, server := b.selected(secure)
					client.send("a2 FETCH 1 (FLAGS BODY[] UID)")
					server.expect("a2 FETCH 1 (FLAGS BODY[] UID)")
					server.write(answer[:cut])
					leave(server.conn)
					got, _ := io.ReadAll(client.r)
					client.conn.Close()
					server.conn.Close()
					want := answer[:cut]
					switch {
					case cut < begun:
						want = bye // the line was not whole
					case cut >= ended:
						want = answer[:ended] + bye
					case cut > literal:
						want = answer[:literal] // nor was that line
					}
					if way == "resets" {
						// What a reset overtakes is lost: it is as if the server had gone earlier.
						before, told := strings.CutSuffix(string(got), bye)
						if whole := before == "" || before == answer[:ended]; !strings.HasPrefix(answer[:cut], before) || told && !whole {
							t.Fatalf("after %d octets the client got %q", cut, got)
						}
						continue
					}
					if string(got) != want {
						t.Fatalf("after %d octets the client got %q, want %q", cut, got, want)
					}
				}
			})
		}
	}
}

// TestServerGoesWithCommandsInFlight: those it has not answered are not answered, and the client is told.
func TestServerGoesWithCommandsInFlight(t *testing.T) {
	defer baseline(t)()
	for way, leave := range ways {
		t.Run(way, func(t *testing.T) {
			b := newBed(t, nil)
			client, server := b.selected(false)
			client.send("b1 NOOP", "b2 FETCH 1 FLAGS", "b3 NOOP", "b4 NOOP", "b5 NOOP")
			server.expect("b1 NOOP", "b2 FETCH 1 FLAGS", "b3 NOOP", "b4 NOOP", "b5 NOOP")
			server.send("b1 OK done", "* 1 FETCH (FLAGS ())", "b3 OK done")
			client.expect("b1 OK done", "* 1 FETCH (FLAGS ())", "b3 OK done")
			leave(server.conn)
			client.expect("* BYE [UNAVAILABLE] server closed the connection")
			client.expectEnd()
		})
	}
}

// TestClientGoesWithCommandsInFlight: a reset ends the session at the server too; see TestHalfClose for a client that only closes its side.
func TestClientGoesWithCommandsInFlight(t *testing.T) {
	defer baseline(t)()
	t.Run("resets", func(t *testing.T) {
		b := newBed(t, nil)
		client, server := b.selected(false)
		client.send("b1 NOOP", "b2 NOOP")
		server.expect("b1 NOOP", "b2 NOOP")
		ways["resets"](client.conn)
		server.expectEnd()
		if e := b.event("ended"); e.Err == nil {
			t.Errorf("%+v, want the network's error", e)
		}
	})
}

// TestServerGoesWhileTheClientStores: the message is not stored twice, and the client is not told that it is stored at all.
func TestServerGoesWhileTheClientStores(t *testing.T) {
	defer baseline(t)()
	for way, leave := range ways {
		t.Run(way, func(t *testing.T) {
			b := newBed(t, nil)
			client, server := b.login()
			client.send("a1 APPEND INBOX {100000}")
			server.expect("a1 APPEND INBOX {100000}")
			server.send("+ go on")
			client.expect("+ ready")
			client.write(strings.Repeat("x", 50_000))
			if _, err := io.CopyN(io.Discard, server.r, 10_000); err != nil {
				t.Fatal(err)
			}
			leave(server.conn)
			got, _ := io.ReadAll(client.r)
			if string(got) != "* BYE [UNAVAILABLE] server closed the connection\r\n" {
				t.Errorf("the client got %q", got)
			}
			b.upstream.Close() // who comes again finds nobody
			if n := b.count(Opened); n != 1 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// selected opens a session and selects a mailbox.
func (b *bed) selected(secure bool) (client, server *peer) {
	b.t.Helper()
	client = b.dial()
	if secure {
		c := tls.Client(client.conn, trusting(b.t.(*testing.T)))
		go func() { _ = c.Handshake() }()
		client = newPeer(b.t, c)
	}
	server = b.accept()
	if secure {
		server = newPeer(b.t, tls.Server(server.conn, showing(b.t.(*testing.T))))
	}
	server.send("* OK ready")
	client.expect("* OK ready")
	for _, command := range []string{"a0 LOGIN demo secret", "a1 SELECT INBOX"} {
		client.send(command)
		server.expect(command)
		server.send(command[:2] + " OK done")
		client.expect(command[:2] + " OK done")
	}
	return client, server
}
