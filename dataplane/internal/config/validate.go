package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatepost/gatepost/proto/tracing"
)

// MinIdle is the shortest autologout that RFC 9051 section 5.4 allows after login.
const MinIdle = 30 * time.Minute

// MinLine is the shortest line that RFC 2683 section 3.2.1.5 asks servers to take, rounded.
const MinLine = 8 * KiB

// maxBusyPoll bounds what a loop may look out for nothing.
const maxBusyPoll = time.Millisecond

// maxHeld bounds what is held in memory in one piece.
const maxHeld = GiB

// Validate gives empty fields their defaults, loads every file the configuration names, and returns all that is wrong, as
// Problems.
func (c *Config) Validate() error {
	c.fill()
	v := new(validator)
	v.check(c.Name != "", "name", "needed: the host has no name")
	v.listeners(c.Listeners)
	if slices.ContainsFunc(c.Listeners, func(l Listener) bool { return l.Upstream == nil }) {
		v.upstream("upstream", c.Upstream, c.Listeners)
	}
	v.decider(c.Decider)
	v.reuse(c.Reuse)
	v.limits(c.Limits)
	v.timeouts(c.Timeouts)
	v.check(c.BusyPoll >= 0 && c.BusyPoll <= maxBusyPoll, "busy_poll", "%v is not from 0 to %v", c.BusyPoll, maxBusyPoll)
	if c.Admin.Address != "" {
		v.address("admin.address", c.Admin.Address)
	}
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.tracing(c.Tracing)
	v.oneOf("log.format", c.Log.Format, "json", "text")
	if v.found != nil {
		return v.found
	}
	return nil
}

type validator struct{ found Problems }

func (v *validator) check(ok bool, field, format string, args ...any) {
	if !ok {
		v.found = append(v.found, Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
}

func (v *validator) oneOf(field, value string, allowed ...string) {
	v.check(slices.Contains(allowed, value), field, "%q is not %s", value, or(allowed))
}

// within adds the problems of a part.
func (v *validator) within(field string, err error) {
	var ps Problems
	if !errors.As(err, &ps) {
		return
	}
	for _, p := range ps {
		p.Field = field + "." + p.Field
		v.found = append(v.found, p)
	}
}

func (v *validator) listeners(ls []Listener) {
	v.check(len(ls) > 0, "listeners", "needed")
	names, addresses := map[string]bool{}, map[string]bool{}
	for i, l := range ls {
		at := "listeners[" + strconv.Itoa(i) + "]"
		v.check(l.Name != "", at+".name", "needed")
		v.check(l.Name == "" || !names[l.Name], at+".name", "%q is the name of another listener", l.Name)
		names[l.Name] = true
		v.address(at+".address", l.Address)
		_, port, _ := net.SplitHostPort(l.Address)
		v.check(l.Address == "" || port == "0" || !addresses[l.Address], at+".address", "%q is another listener's", l.Address)
		addresses[l.Address] = true
		v.oneOf(at+".failure", l.Failure, FailReject, FailAbort, FailAccept)
		v.oneOf(at+".audit", l.Audit, AuditBatched, AuditStrict)
		v.oneOf(at+".literals", l.Literals, LiteralPlus, LiteralMinus, LiteralNone)
		_, err := l.TLS.Config()
		v.within(at+".tls", err)
		_, err = l.ProxyProtocol.Networks()
		v.within(at+".proxy_protocol", err)
		if l.Upstream != nil {
			v.upstream(at+".upstream", *l.Upstream, ls)
		}
	}
}

func (v *validator) upstream(field string, u Upstream, ls []Listener) {
	v.address(field+".address", u.Address)
	for _, l := range ls {
		v.check(!leadsTo(u.Address, l.Address), field+".address", "%q leads back to the listener %q", u.Address, l.Name)
	}
	v.oneOf(field+".proxy_protocol", u.ProxyProtocol, ProxyOff, ProxyV1, ProxyV2)
	_, err := u.TLS.Config(u.Address)
	v.within(field+".tls", err)
}

func (v *validator) reuse(r Reuse) {
	v.check(r.Memory >= MiB, "reuse.memory", "%v is below %v", r.Memory, MiB)
	p := r.Reports
	v.check(p.Queue >= MiB, "reuse.reports.queue", "%v is below %v", p.Queue, MiB)
	v.check(p.Batch > 0, "reuse.reports.batch", "%d is not above 0", p.Batch)
	v.check(p.Interval > 0, "reuse.reports.interval", "%v is not above 0", p.Interval)
	v.check(p.Aggregate >= p.Interval, "reuse.reports.aggregate", "%v is below reuse.reports.interval", p.Aggregate)
	v.oneOf("reuse.reports.on_full", p.OnFull, OnFullBlock, OnFullDrop)
}

func (v *validator) limits(l Limits) {
	for _, n := range []struct {
		field string
		value int
	}{{"sessions", l.Sessions}, {"sessions_before_login", l.SessionsBeforeLogin}, {"sessions_per_network", l.SessionsPerNetwork},
		{"literals", l.Literals}, {"depth", l.Depth}, {"tokens", l.Tokens}, {"in_flight", l.InFlight},
		{"bad_commands", l.BadCommands}, {"bad_commands_logged_in", l.BadCommandsLoggedIn},
	} {
		v.check(n.value > 0, "limits."+n.field, "%d is not above 0", n.value)
	}
	v.check(l.NetworkIPv4 >= 0 && l.NetworkIPv4 <= 32, "limits.network_ipv4", "%d is not from 0 to 32", l.NetworkIPv4)
	v.check(l.NetworkIPv6 >= 0 && l.NetworkIPv6 <= 128, "limits.network_ipv6", "%d is not from 0 to 128", l.NetworkIPv6)
	for _, s := range []struct {
		field      string
		value, min Size
	}{
		{"line", l.Line, MinLine}, {"server_line", l.ServerLine, MinLine}, {"inline_literal", l.InlineLiteral, 1},
		{"command", l.Command, MinLine}, {"output", l.Output, MinLine}, {"policy_text", l.PolicyText, 1},
		{"roles", l.Roles, 1}, {"sasl", l.SASL, 1}, {"held", l.Held, MinLine},
		{"progress", l.Progress, 1},
	} {
		v.check(s.value >= s.min, "limits."+s.field, "%v is below %v", s.value, s.min)
		v.check(s.value <= maxHeld, "limits."+s.field, "%v is above %v", s.value, maxHeld)
	}
	v.check(l.Message > 0, "limits.message", "%v is not above 0", l.Message)
	v.check(l.Discard > 0, "limits.discard", "%v is not above 0", l.Discard)
	v.check(l.Command >= max(l.Line, l.InlineLiteral), "limits.command", "%v is below limits.line or limits.inline_literal", l.Command)
}

func (v *validator) timeouts(t Timeouts) {
	for _, d := range []struct {
		field string
		value time.Duration
	}{
		{"connect", t.Connect}, {"tls_handshake", t.TLSHandshake}, {"proxy_header", t.ProxyHeader}, {"login", t.Login},
		{"write", t.Write}, {"half_closed", t.HalfClosed}, {"shutdown", t.Shutdown},
	} {
		v.check(d.value > 0, "timeouts."+d.field, "%v is not above 0", d.value)
	}
	v.check(t.Drain >= 0, "timeouts.drain", "%v is below 0", t.Drain)
	v.check(t.DrainOnStop >= 0, "timeouts.drain_on_stop", "%v is below 0", t.DrainOnStop)
	v.check(t.Idle >= MinIdle, "timeouts.idle", "%v is below 30m, the least that RFC 9051 section 5.4 allows", t.Idle)
}

// address checks "host:port" or "unix:/path".
func (v *validator) address(field, s string) {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		v.check(path != "", field, "names no path")
		return
	}
	v.hostPort(field, s, "host:port or unix:/path")
}

func (v *validator) hostPort(field, s, want string) {
	if s == "" {
		v.check(false, field, "needed")
		return
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		v.check(false, field, "%q is not %s", s, want)
		return
	}
	_, err = net.LookupPort("tcp", port)
	v.check(err == nil, field, "%q is not a port", port)
}

// or joins words for a sentence.
func or(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func (v *validator) tracing(t Tracing) {
	v.oneOf("tracing.protocol", t.Protocol, tracing.Off, tracing.GRPC, tracing.HTTP)
	if t.Endpoint != "" {
		u, err := url.Parse(t.Endpoint)
		v.check(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "tracing.endpoint", "%q is not a URL of http or https", t.Endpoint)
	}
	v.check((t.Certificate == "") == (t.Key == ""), "tracing", "needs both certificate and key, or neither")
	if r := t.SampleRatio; r != nil {
		v.check(*r >= 0 && *r <= 1, "tracing.sample_ratio", "%v is not from 0 to 1", *r)
	}
}
