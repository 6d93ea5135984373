package pep

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
)

// The same client in both versions.
const (
	headerV1 = "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993\r\n"
	sigV2    = "\r\n\r\n\x00\r\nQUIT\n"
	headerV2 = sigV2 + "\x21\x11\x00\x0c\xc0\x00\x02\x07\xc6\x33\x64\x01\x9c\x40\x03\xe1"
	localV2  = sigV2 + "\x20\x00\x00\x00"
)

// balanced is a bed whose clients come by a balancer.
func balanced(t *testing.T, change func(*Options, *Listener)) *bed {
	t.Helper()
	return newBed(t, func(o *Options, l *Listener) {
		l.ProxyFrom.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if change != nil {
			change(o, l)
		}
	})
}

func (p *peer) write(octets string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, octets); err != nil {
		p.t.Fatal(err)
	}
}

// TestProxyHeaderSaysWhoTheClientIs: in questions and events, for each form, in one piece with what follows and octet by octet.
func TestProxyHeaderSaysWhoTheClientIs(t *testing.T) {
	for _, c := range []struct{ name, header, client, local string }{
		{"v1", headerV1, "192.0.2.7:40000", "198.51.100.1:993"},
		{"v1, IPv6", "PROXY TCP6 2001:db8::7 2001:db8::1 40000 993\r\n", "[2001:db8::7]:40000", "[2001:db8::1]:993"},
		{"v2", headerV2, "192.0.2.7:40000", "198.51.100.1:993"},
		{"v2 with a TLV", strings.Replace(headerV2, "\x00\x0c", "\x00\x11", 1) + "\x05\x00\x02ab", "192.0.2.7:40000", "198.51.100.1:993"},
		{"v2, LOCAL: the balancer itself", localV2, "", ""},
		{"v1, UNKNOWN: the balancer itself", "PROXY UNKNOWN\r\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, apart := range []bool{false, true} {
				var told asked
				b := balanced(t, func(o *Options, _ *Listener) { o.Decider = pdp.Func(told.decide) })
				client := b.dial()
				balancer := client.conn.LocalAddr().String()
				if apart {
					for i := range len(c.header) {
						client.write(c.header[i : i+1])
						time.Sleep(time.Millisecond / 4)
					}
				} else {
					client.write(c.header + "a1 NOOP\r\n")
				}
				server := b.accept()
				server.send("* OK ready")
				client.expect("* OK ready")
				if apart {
					client.send("a1 NOOP")
				}
				server.expect("a1 NOOP")
				want, local := c.client, c.local
				if want == "" {
					want, local = balancer, b.addr.String()
				}
				if q := told.last(); q.Client.String() != want || q.Local.String() != local {
					t.Errorf("the decider was told of %v at %v, want %s at %s", q.Client, q.Local, want, local)
				}
				if e := b.event(Opened); e.Client != want || e.Proxy != balancer {
					t.Errorf("event %+v, want client %s by %s", e, want, balancer)
				}
			}
		})
	}
}

// TestProxyHeaderComesBeforeTLS, also where the ClientHello is in the same segment.
func TestProxyHeaderComesBeforeTLS(t *testing.T) {
	var told asked
	b := balanced(t, func(o *Options, l *Listener) {
		o.Decider = pdp.Func(told.decide)
		l.Session.ClientTLS, l.TLS = true, fixed(showing(t))
	})
	conn := &prefixed{Conn: b.dial().conn, prefix: []byte(headerV2)}
	client := newPeer(t, tls.Client(conn, trusting(t)))
	if err := client.conn.(*tls.Conn).Handshake(); err != nil {
		t.Fatal(err)
	}
	b.accept().send("* OK ready")
	client.expect("* OK ready")
	if q := told.last(); q.Client.String() != "192.0.2.7:40000" || q.Secured() == nil {
		t.Errorf("the decider was told %+v", q)
	}
}

// prefixed sends its prefix with the first octets written.
type prefixed struct {
	net.Conn
	prefix []byte
}

func (c *prefixed) Write(p []byte) (int, error) {
	if _, err := c.Conn.Write(append(c.prefix, p...)); err != nil {
		return 0, err
	}
	c.prefix = nil
	return len(p), nil
}

// TestProxyHeaderMalformed: the connection is closed without a word, the event says why, and the server is not bothered.
func TestProxyHeaderMalformed(t *testing.T) {
	for _, c := range []struct {
		name, octets string
		want         error
	}{
		{"none", "a1 LOGIN demo secret\r\n", proxyproto.ErrNoProxyProtocol},
		{"none, but a ClientHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03xxxxxxxxxxxx", proxyproto.ErrNoProxyProtocol},
		{"lower case", "proxy TCP4 192.0.2.7 198.51.100.1 40000 993\r\n", proxyproto.ErrNoProxyProtocol},
		{"overlong", "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993" + strings.Repeat(" ", 100), proxyproto.ErrVersion1HeaderTooLong},
		{"ended by a bare LF", "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993\n", proxyproto.ErrLineMustEndWithCrlf},
		{"an address of the other family", "PROXY TCP4 2001:db8::7 198.51.100.1 40000 993\r\n", proxyproto.ErrInvalidAddress},
		{"a port over 65535", "PROXY TCP4 192.0.2.7 198.51.100.1 70000 993\r\n", proxyproto.ErrInvalidPortNumber},
		{"a word too many", "PROXY TCP4 192.0.2.7 198.51.100.1 40000 993 0\r\n", proxyproto.ErrCantReadAddressFamilyAndProtocol},
		{"an unknown version", sigV2 + "\x31\x11\x00\x0c\xc0\x00\x02\x07\xc6\x33\x64\x01\x9c\x40\x03\xe1", proxyproto.ErrUnsupportedProtocolVersionAndCommand},
		{"too short for its addresses", sigV2 + "\x21\x11\x00\x04\xc0\x00\x02\x07", proxyproto.ErrInvalidLength},
		{"v2, of 64 KiB", sigV2 + "\x21\x11\xff\xff", proxyproto.ErrInvalidLength},
		{"PROXY without an address", sigV2 + "\x21\x00\x00\x00", proxyproto.ErrUnsupportedAddressFamilyAndProtocol},
		{"a client by UDP", strings.Replace(headerV2, "\x11", "\x12", 1), errDatagram},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := balanced(t, nil)
			client := b.dial()
			client.write(c.octets)
			if e := b.event(ProxyFailed); !errors.Is(e.Err, c.want) {
				t.Errorf("%v, want %v", e.Err, c.want)
			}
			if n, _ := io.Copy(io.Discard, client.conn); n > 0 {
				t.Errorf("%d octets in answer", n)
			}
			if b.count(Opened) > 0 {
				t.Error("the server was bothered")
			}
		})
	}
}

// TestProxyHeaderThatDoesNotCome is waited for as long as the timeout, and holds nobody else.
func TestProxyHeaderThatDoesNotCome(t *testing.T) {
	for name, start := range map[string]string{"nothing": "", "half of it": headerV1[:30], "half of v2": headerV2[:14]} {
		t.Run(name, func(t *testing.T) {
			b := balanced(t, func(o *Options, _ *Listener) { o.Timeouts.ProxyHeader = 300 * time.Millisecond })
			slow := b.dial()
			slow.write(start)
			other := b.dial()
			other.write(headerV1)
			b.accept().send("* OK ready")
			other.expect("* OK ready") // while the first is waited for
			slow.expectEnd()
			if e := b.event(ProxyFailed); !errors.Is(e.Err, os.ErrDeadlineExceeded) {
				t.Errorf("%v, want the deadline", e.Err)
			}
		})
	}
}

func TestShutdownDoesNotWaitForProxyHeaders(t *testing.T) {
	b := balanced(t, func(o *Options, _ *Listener) { o.Timeouts.ProxyHeader = time.Hour })
	client := b.dial()
	for b.server.Sessions() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := b.server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	client.expectEnd()
}

// TestProxyHeaderFromOthers: who is not trusted with a header breaks the protocol by sending one.
func TestProxyHeaderFromOthers(t *testing.T) {
	for name, header := range map[string]string{"v1": headerV1, "v2": headerV2} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(_ *Options, l *Listener) {
				l.ProxyFrom.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
				l.Session.Limits.BadCommands = 1
			})
			client, server := b.open()
			client.write(header + "\r\n\r\n")
			if e := b.event("client_violation"); e.Client != client.conn.LocalAddr().String() || e.Proxy != "" {
				t.Errorf("%+v", e)
			}
			rest, _ := io.ReadAll(client.r)
			if !strings.HasSuffix(string(rest), "* BYE protocol violation\r\n") {
				t.Errorf("the client got %q", rest)
			}
			server.expectEnd() // and nothing before
		})
	}
}

// TestProxyHeaderIsSent to the server, with the user's address, before TLS.
func TestProxyHeaderIsSent(t *testing.T) {
	for _, c := range []struct {
		name    string
		version byte
		want    string
	}{{"v1", 1, headerV1}, {"v2", 2, headerV2}} {
		for _, secure := range []bool{false, true} {
			name := c.name
			if secure {
				name += " before TLS"
			}
			t.Run(name, func(t *testing.T) {
				b := balanced(t, func(_ *Options, l *Listener) {
					l.Upstream.Proxy = c.version
					if secure {
						l.Session.ServerTLS, l.Upstream.TLS = true, fixed(trusting(t))
					}
				})
				client := b.dial()
				client.write(headerV2) // by which the dataplane itself learns it
				server := b.accept()
				got := make([]byte, len(c.want))
				if _, err := io.ReadFull(server.conn, got); err != nil || string(got) != c.want {
					t.Fatalf("got %q, %v, want %q", got, err, c.want)
				}
				if secure {
					server = newPeer(t, tls.Server(server.conn, showing(t)))
				}
				server.send("* OK ready")
				client.expect("* OK ready")
			})
		}
	}
}

// TestProxyHeaderOfADirectClient has the addresses of its connection.
func TestProxyHeaderOfADirectClient(t *testing.T) {
	b := newBed(t, func(_ *Options, l *Listener) { l.Upstream.Proxy = 1 })
	client, server := b.dial(), b.accept()
	from, to := client.conn.LocalAddr().(*net.TCPAddr).AddrPort(), b.addr.(*net.TCPAddr).AddrPort()
	server.expect(strings.Join([]string{"PROXY TCP4", from.Addr().String(), to.Addr().String(), portOf(from), portOf(to)}, " "))
}

func portOf(a netip.AddrPort) string { return a.String()[strings.LastIndexByte(a.String(), ':')+1:] }

func TestProxyHeaderOverAUnixSocket(t *testing.T) {
	for name, trusted := range map[string]bool{"trusted": true, "not trusted": false} {
		t.Run(name, func(t *testing.T) {
			socket := t.TempDir() + "/imap.sock"
			b := newBed(t, func(_ *Options, l *Listener) {
				l.Listener.Close()
				var err error
				if l.Listener, err = net.Listen("unix", socket); err != nil {
					t.Fatal(err)
				}
				l.ProxyFrom.Unix = trusted
			})
			conn, err := net.Dial("unix", socket)
			if err != nil {
				t.Fatal(err)
			}
			client := newPeer(t, conn)
			client.write(headerV1)
			b.accept().send("* OK ready")
			if !trusted {
				// The greeting may have been on its way already.
				got := client.line()
				if got == "* OK ready" {
					got = client.line()
				}
				if got != "* BYE protocol violation" {
					t.Errorf("got %q", got)
				}
				return
			}
			client.expect("* OK ready")
			if e := b.event(Opened); e.Client != "192.0.2.7:40000" {
				t.Errorf("%+v", e)
			}
		})
	}
}
