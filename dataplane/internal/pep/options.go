package pep

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Options are what all listeners share.
type Options struct {
	// Name is the dataplane's name in questions.
	Name string
	// Decider answers the sessions' questions.
	Decider pdp.Decider
	// Timeouts bound waiting. None may be 0.
	Timeouts Timeouts
	// Sessions is how many there may be at once.
	Sessions int
	// OnEvent is told every event, from many goroutines. It must not block. nil: none is told.
	OnEvent func(Event)
}

// Timeouts are as in the configuration, which documents them.
type Timeouts struct {
	Connect, TLSHandshake, Login, Idle, Write, HalfClosed time.Duration
}

// Listener is a place where clients connect.
type Listener struct {
	// Name is its name in questions and events.
	Name string
	// Listener accepts the connections. Serve closes it.
	Listener net.Listener
	// TLS is what clients are met with: at once if Session.ClientTLS is set, else for STARTTLS. nil: none.
	TLS *tls.Config
	// Session is how its sessions are run. ServerTLS and ClientTLS say where TLS comes first.
	Session session.Config
	// Upstream is the server.
	Upstream Upstream
}

// Upstream is an IMAP server.
type Upstream struct {
	// Network and Address are as for net.Dial.
	Network, Address string
	// TLS is what the server is met with: at once if Session.ServerTLS is set, else for STARTTLS. nil: none.
	TLS *tls.Config
}
