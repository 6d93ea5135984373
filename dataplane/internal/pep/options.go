package pep

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Options are what all listeners share.
type Options struct {
	// Name is the dataplane's name in questions.
	Name string
	// Decider answers the sessions' questions.
	Decider pdp.Decider
	// Tracer makes the spans of sessions. Nil: there are none.
	Tracer trace.Tracer
	// Timeouts bound waiting. None may be 0.
	Timeouts Timeouts
	// Sessions bounds how many there may be at once. None of it may be 0 but the lengths of prefixes.
	Sessions Sessions
	// Progress is the octets of a client that make up for no command within Timeouts.Idle.
	Progress uint64
	// BusyPoll is as in the configuration, which documents it.
	BusyPoll time.Duration
	// OnEvent is told every event, from many goroutines. It must not block, nor keep what it is given. nil: none is told.
	OnEvent func(*Event)
	// After is the server whose place this one takes: their sessions are counted together. nil: there is none.
	After *Server
}

// Timeouts are as in the configuration, which documents them.
type Timeouts struct {
	Connect, TLSHandshake, ProxyHeader, Login, Idle, Write, HalfClosed time.Duration
}

// Listener is a place where clients connect.
type Listener struct {
	// Name is its name in questions and events.
	Name string
	// Listener accepts the connections. Serve closes it.
	Listener net.Listener
	// ProxyFrom are the peers whose connections begin with a header of the PROXY protocol.
	ProxyFrom ProxyFrom
	// Octets count what is read from each side. nil: nothing counts.
	Octets *[2]atomic.Uint64
	// TLS gives what clients are met with now: at once if Session.ClientTLS is set, else for STARTTLS. nil: none.
	TLS func() *tls.Config
	// Session is how its sessions are run. ServerTLS and ClientTLS say where TLS comes first. ServerID is set for each.
	Session session.Config
	// Upstream is the server.
	Upstream Upstream
	// Strict: no decision is reused.
	Strict bool

	shared *session.Config
}

// session is how its sessions are run, with the defaults.
func (l *Listener) session() *session.Config { return l.shared }

// Upstream is an IMAP server.
type Upstream struct {
	// Network and Address are as for net.Dial.
	Network, Address string
	// Proxy is the version of the PROXY protocol that the server is told of the client by: 1, 2, or 0 for none.
	Proxy byte
	// ID: it is told by an ID command.
	ID bool
	// TLS gives what the server is met with now: at once if Session.ServerTLS is set, else for STARTTLS. nil: none.
	TLS func() *tls.Config

	// direct: the loop connects, for nothing has to be waited for: neither is a name looked up, nor does TLS come first.
	direct bool
}
