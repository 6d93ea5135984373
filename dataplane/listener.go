package dataplane

import (
	"net"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/pep"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/socket"
)

// listener makes ready what the configuration says of one listener. open is nil where it has to be opened.
func (d *Dataplane) listener(lc config.Listener, open net.Listener) (pep.Listener, error) {
	c, up := d.cfg, &d.cfg.Upstream
	if lc.Upstream != nil {
		up = lc.Upstream
	}
	l := pep.Listener{
		Name:     lc.Name,
		Listener: open,
		Octets:   d.octets.of(lc.Name),
		Session: session.Config{
			Limits:         limits(c.Limits),
			Failure:        failures[lc.Failure],
			Observe:        lc.Observe,
			Literals:       lc.Literals,
			RefusalID:      lc.RefusalID,
			ClientTLS:      lc.TLS.Mode == config.TLSImplicit,
			ClientStartTLS: startTLS[lc.TLS.Mode],
			ServerTLS:      up.TLS.Mode == config.TLSImplicit,
			ServerStartTLS: startTLS[up.TLS.Mode],
		},
		Strict:   lc.Audit == config.AuditStrict,
		Upstream: pep.Upstream{Proxy: proxyVersions[up.ProxyProtocol], ID: up.ID},
	}
	l.Upstream.Network, l.Upstream.Address = socket.Split(up.Address)
	var err error
	if l.ProxyFrom.Networks, err = lc.ProxyProtocol.Networks(); err != nil {
		return l, err
	}
	l.ProxyFrom.Unix = slices.Contains(lc.ProxyProtocol.From, config.Unix)
	if l.TLS, err = d.listenerTLS(lc); err != nil {
		return l, err
	}
	if l.Upstream.TLS, err = d.upstreamTLS(lc); err != nil {
		return l, err
	}
	if open == nil {
		l.Listener, err = net.Listen(socket.Split(lc.Address))
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

var proxyVersions = map[string]byte{config.ProxyV1: 1, config.ProxyV2: 2}

// sessions are the limits of all sessions together.
func sessions(l config.Limits) pep.Sessions {
	return pep.Sessions{
		All:         l.Sessions,
		BeforeLogin: l.SessionsBeforeLogin,
		PerNetwork:  l.SessionsPerNetwork,
		IPv4:        l.NetworkIPv4,
		IPv6:        l.NetworkIPv6,
	}
}

// limits are those of each session.
func limits(l config.Limits) session.Limits {
	return session.Limits{
		Line:                int(l.Line),
		ServerLine:          int(l.ServerLine),
		InlineLiteral:       uint64(l.InlineLiteral),
		Command:             int(l.Command),
		Message:             uint64(l.Message),
		Discard:             uint64(l.Discard),
		Literals:            l.Literals,
		Depth:               l.Depth,
		Tokens:              l.Tokens,
		InFlight:            l.InFlight,
		SASL:                int(l.SASL),
		Held:                int(l.Held),
		Output:              int(l.Output),
		BadCommands:         l.BadCommands,
		BadCommandsLoggedIn: l.BadCommandsLoggedIn,
		Roles:               int(l.Roles),
		PolicyText:          int(l.PolicyText),
	}
}

func timeouts(t config.Timeouts) pep.Timeouts {
	return pep.Timeouts{
		Connect:      t.Connect,
		TLSHandshake: t.TLSHandshake,
		ProxyHeader:  t.ProxyHeader,
		Login:        t.Login,
		Idle:         t.Idle,
		Write:        t.Write,
		HalfClosed:   t.HalfClosed,
	}
}
