package e2e

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/gatepost/gatepost/dataplane"
)

// setup says what a bed is made of. The zero value is in the clear on both legs.
type setup struct {
	// judge decides. Nil: one of the bed's own, with the default policy.
	judge *judge
	// upstream is the server. Nil: dovecot.
	upstream func(testing.TB) *server
	// user is the mail user. Empty: one of the bed's own.
	user string
	// client and server are the TLS modes of the two legs, as in the dataplane's configuration. Empty: off.
	client, server string
	// altered: policy changes what passes, so that the legs are not compared.
	altered bool
	// observed: the listener observes, and commands pass without a verdict where the decider is away.
	observed bool
	// change may alter the configuration before the dataplane starts.
	change func(*dataplane.Config)
}

// bed is a dataplane between two recorders, in front of the test binary's Dovecot, for a user of its own.
type bed struct {
	t      testing.TB
	setup  setup
	server *server
	judge  *judge
	// user is the mail user, and the dataplane's name in questions.
	user string
	// host and port are where mail clients connect.
	host, port string
	// legs are the recorders towards the client and towards the server.
	clientLeg, serverLeg *recorder
	log                  *logBuffer
	dataplane            *dataplane.Dataplane
	// stop ends the dataplane, and waits for its end.
	stop func()
	// tellsID: the dataplane tells the server who the client is, by a command of its own.
	tellsID bool
}

// newBed makes a bed. When the test ends, it checks what doc.go says.
func newBed(t testing.TB, s setup) *bed {
	t.Helper()
	if s.upstream == nil {
		s.upstream = dovecot
	}
	b := &bed{t: t, setup: s, server: s.upstream(t), judge: s.judge, user: cmp.Or(s.user, newUser())}
	if b.judge == nil {
		b.judge = newJudge(t, defaultPolicy)
	}
	to := b.server.clear
	if s.server == tlsImplicit {
		to = b.server.secure
	}
	b.serverLeg = record(t, to, s.server == tlsImplicit)
	var logger *slog.Logger
	logger, b.log = newLog()
	d, err := dataplane.New(b.config(), dataplane.Options{Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	b.dataplane = d
	b.stop = sync.OnceFunc(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	b.clientLeg = record(t, d.Addr("imap").String(), s.client == tlsImplicit)
	b.host, b.port, _ = net.SplitHostPort(b.clientLeg.addr)
	t.Cleanup(func() {
		b.stop()
		b.verify()
		if t.Failed() {
			log := b.log.bytes()
			t.Logf("the end of the dataplane's log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	return b
}

// The TLS modes of a leg.
const (
	tlsOff      = "off"
	tlsImplicit = "implicit"
	tlsStart    = "starttls"
)

func (b *bed) config() *dataplane.Config {
	dir := b.t.TempDir()
	if err := authority.write(dir); err != nil {
		b.t.Fatal(err)
	}
	c := dataplane.DefaultConfig()
	c.Name = b.user
	l := dataplane.Listener{Name: "imap", Address: "127.0.0.1:0"}
	if b.setup.client != "" {
		l.TLS.Mode = b.setup.client
		l.TLS.Certificates = []dataplane.Certificate{
			{Certificate: filepath.Join(dir, "server.pem"), Key: filepath.Join(dir, "server.key")},
		}
	}
	c.Listeners = []dataplane.Listener{l}
	c.Upstream.Address = b.serverLeg.addr
	c.Upstream.TLS.Mode = tlsOff
	if b.setup.server != "" {
		c.Upstream.TLS = dataplane.ClientTLS{Mode: b.setup.server, CA: filepath.Join(dir, "ca.pem"), ServerName: "localhost"}
	}
	c.Decider.Address = "unix:" + b.judge.socket
	c.Decider.Deadline = patience // a busy machine is no reason for NO [UNAVAILABLE]
	c.Timeouts.Shutdown = patience
	if b.setup.change != nil {
		b.setup.change(c)
	}
	b.tellsID = c.Upstream.ID
	return c
}

// dial connects a mail client through Gatepost.
func (b *bed) dial(o *imapclient.Options) *imapclient.Client {
	b.t.Helper()
	if o == nil {
		o = new(imapclient.Options)
	}
	o.TLSConfig = authority.trusts()
	dial := imapclient.DialInsecure
	switch b.setup.client {
	case tlsImplicit:
		dial = imapclient.DialTLS
	case tlsStart:
		dial = imapclient.DialStartTLS
	}
	c, err := dial(net.JoinHostPort(b.host, b.port), o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	return c
}

// connect opens a connection through Gatepost, for tests that speak IMAP themselves.
func (b *bed) connect() *terminal {
	b.t.Helper()
	var conn net.Conn
	var err error
	if b.setup.client == tlsImplicit {
		conn, err = tls.Dial("tcp", b.clientLeg.addr, authority.trusts())
	} else {
		conn, err = net.Dial("tcp", b.clientLeg.addr)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return newTerminal(b.t, conn)
}

// verify checks what holds for every session.
func (b *bed) verify() {
	t := b.t
	t.Helper()
	clients, servers := b.clientLeg.all(), b.serverLeg.all()
	for _, c := range append(clients, servers...) {
		c.wait(t)
	}
	if b.readable() {
		if !b.setup.observed {
			b.judgedOnce(servers)
		}
		if !b.setup.altered {
			b.relayed(clients, servers)
		}
	}
	keepsSecret(t, "the dataplane's log", b.log.bytes())
	for _, r := range records(t, b.log.bytes(), map[string]any{"msg": "reuses of decisions lost"}) {
		t.Errorf("%v", r)
	}
	b.judge.mu.Lock()
	defer b.judge.mu.Unlock()
	b.judge.repeats = append(b.judge.repeats, b.repeats()...)
}

// readable tells that the recorders see what is said: not where STARTTLS hides it from them.
func (b *bed) readable() bool { return b.setup.client != tlsStart && b.setup.server != tlsStart }

// lastOnServerLeg is the newest conversation with the server, when it has ended.
func (b *bed) lastOnServerLeg() *conversation {
	b.t.Helper()
	all := b.serverLeg.all()
	if len(all) == 0 {
		b.t.Fatal("nobody connected to the server")
	}
	c := all[len(all)-1]
	c.wait(b.t)
	return c
}
