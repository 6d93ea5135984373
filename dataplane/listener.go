package dataplane

import (
	"net"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/pep"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// listener makes ready what the configuration says of one listener. open is nil where it has to be opened.
func listener(c *Config, lc config.Listener, open net.Listener) (pep.Listener, error) {
	up := c.Upstream
	if lc.Upstream != nil {
		up = *lc.Upstream
	}
	l := pep.Listener{
		Name:     lc.Name,
		Listener: open,
		Session: session.Config{
			Limits:         limits(c.Limits),
			Failure:        failures[lc.Failure],
			Literals:       lc.Literals,
			ClientTLS:      lc.TLS.Mode == config.TLSImplicit,
			ClientStartTLS: startTLS[lc.TLS.Mode],
			ServerTLS:      up.TLS.Mode == config.TLSImplicit,
			ServerStartTLS: startTLS[up.TLS.Mode],
		},
	}
	l.Upstream.Network, l.Upstream.Address = network(up.Address)
	var err error
	if l.TLS, err = lc.TLS.Config(); err != nil {
		return l, err
	}
	if l.Upstream.TLS, err = up.TLS.Config(up.Address); err != nil {
		return l, err
	}
	if open == nil {
		l.Listener, err = net.Listen(network(lc.Address))
	}
	return l, err
}

var failures = map[string]session.FailureMode{
	config.FailReject: session.FailReject,
	config.FailAbort:  session.FailAbort,
	config.FailAccept: session.FailAccept,
}

var startTLS = map[string]session.StartTLS{
	config.TLSStartTLS:         session.StartTLSRequired,
	config.TLSStartTLSOptional: session.StartTLSOffered,
}

func limits(l config.Limits) session.Limits {
	return session.Limits{
		Line:                int(l.Line),
		ServerLine:          int(l.ServerLine),
		InlineLiteral:       uint64(l.InlineLiteral),
		Command:             int(l.Command),
		Message:             uint64(l.Message),
		Discard:             uint64(l.Discard),
		Depth:               l.Depth,
		Tokens:              l.Tokens,
		InFlight:            l.InFlight,
		Output:              int(l.Output),
		BadCommands:         l.BadCommands,
		BadCommandsLoggedIn: l.BadCommandsLoggedIn,
		PolicyText:          int(l.PolicyText),
	}
}

func timeouts(t config.Timeouts) pep.Timeouts {
	return pep.Timeouts{
		Connect:      t.Connect,
		TLSHandshake: t.TLSHandshake,
		Login:        t.Login,
		Idle:         t.Idle,
		Write:        t.Write,
		HalfClosed:   t.HalfClosed,
	}
}
