package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/proto/tracing"
)

// Validate returns all that is wrong, as Problems.
func (c *Config) Validate(lines Lines) error {
	v := &validator{lines: lines}
	v.check(len(c.Listen) > 0, "listen", "needed")
	for i, l := range c.Listen {
		v.address(fmt.Sprintf("listen[%d]", i), l)
	}
	if c.Admin.Address != "" {
		v.address("admin.address", c.Admin.Address)
	}
	_, err := c.Mode()
	v.check(err == nil, "socket_mode", "%q is not a mode in octal, as 0660", c.SocketMode)
	v.check((c.TLS.Certificate == "") == (c.TLS.Key == ""), "tls", "needs both certificate and key, or neither")
	v.check(c.TLS.ClientCA == "" || c.TLS.Certificate != "", "tls.client_ca", "needs certificate and key")
	v.check(len(c.Server.Clients) == 0 || c.TLS.ClientCA != "", "server.clients", "needs tls.client_ca")
	if c.Policy != "" {
		info, err := os.Stat(c.Policy)
		v.check(err == nil && info.IsDir(), "policy", "%s is not a directory that can be read", c.Policy)
	}
	v.check(c.Shadow.Policy == "" || c.Shadow.OPAConfig == "", "shadow", "has both policy and opa_config: only one can bring the candidate")
	if f := c.DecisionLog.File; f != nil {
		v.check(f.Path != "", "decision_log.file.path", "needed")
		for _, n := range []struct {
			field string
			value int
		}{{"max_size_mb", f.MaxSizeMB}, {"max_backups", f.MaxBackups}, {"max_age_days", f.MaxAgeDays}} {
			v.check(n.value >= 0, "decision_log.file."+n.field, "%d is below 0", n.value)
		}
	}
	v.oneOf("audit.on_full", c.Audit.OnFull, Block, Drop)
	v.check(!c.Audit.Sync || c.Audit.OnFull != Drop, "audit.sync", "a decision cannot wait for its record where on_full is %s", Drop)
	for i, name := range c.Evaluation.Allow {
		v.oneOf(fmt.Sprintf("evaluation.allow[%d]", i), name, policy.Dangerous()...)
	}
	v.bounds(c)
	_, err = c.Log.level()
	v.check(err == nil, "log.level", "%q is not debug, info, warn or error", c.Log.Level)
	v.tracing(c.Tracing)
	v.oneOf("log.format", c.Log.Format, "json", "text")
	if v.found != nil {
		return v.found
	}
	return nil
}

func (v *validator) bounds(c *Config) {
	for _, n := range []struct {
		field string
		value int
	}{
		{"audit.queue", c.Audit.Queue}, {"evaluation.workers", c.Evaluation.Workers}, {"evaluation.queue", c.Evaluation.Queue},
		{"server.message_bytes", c.Server.MessageBytes},
		{"server.stream_workers", c.Server.StreamWorkers}, {"server.stream_questions", c.Server.StreamQuestions},
		{"server.report_reuses", c.Server.ReportReuses},
	} {
		v.check(n.value > 0, n.field, "%d is not above 0", n.value)
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{
		{"evaluation.deadline", c.Evaluation.Deadline}, {"server.connection_age", c.Server.ConnectionAge},
		{"server.question_timeout", c.Server.QuestionTimeout}, {"shutdown.drain", c.Shutdown.Drain},
	} {
		v.check(d.value > 0, d.field, "%v is not above 0", d.value)
	}
	v.check(c.Server.ConcurrentStreams >= minStreams, "server.concurrent_streams", "%d is below %d", c.Server.ConcurrentStreams, minStreams)
	v.check(c.Reuse.Verify >= 0 && c.Reuse.Verify <= 1, "reuse.verify", "%v is not from 0 to 1", c.Reuse.Verify)
	v.check(c.Reuse.Lease >= time.Millisecond && c.Reuse.Lease <= maxLease, "reuse.lease", "%v is not from 1ms to %v", c.Reuse.Lease, maxLease)
	v.check(c.Shutdown.Wait >= 0, "shutdown.wait", "%v is below 0", c.Shutdown.Wait)
}

// minStreams bounds Server.ConcurrentStreams, as RFC 9113 (section 6.5.2) advises. It is more than a dataplane keeps open (64 streams of
// questions, two watches): with less it would have no place for what it reports.
const minStreams = 100

// maxLease bounds Reuse.Lease.
const maxLease = time.Hour

// Mode is SocketMode.
func (c *Config) Mode() (os.FileMode, error) {
	m, err := strconv.ParseUint(c.SocketMode, 8, 32)
	if err != nil || m > 0o777 {
		return 0, strconv.ErrRange
	}
	return os.FileMode(m), nil
}

func (l Log) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(l.Level))
	return level, err
}

// Handler is a handler for the log, that writes to f.
func (l Log) Handler(f *os.File) slog.Handler {
	level, _ := l.level()
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "text" {
		return slog.NewTextHandler(f, o)
	}
	return slog.NewJSONHandler(f, o)
}

type validator struct {
	lines Lines
	found Problems
}

func (v *validator) check(ok bool, field, format string, args ...any) {
	if !ok {
		v.found = append(v.found, Problem{v.lines.file, v.lines.of(field), field, fmt.Sprintf(format, args...)})
	}
}

func (v *validator) oneOf(field, value string, allowed ...string) {
	v.check(slices.Contains(allowed, value), field, "%q is not one of %s", value, strings.Join(allowed, ", "))
}

// address checks "host:port" or "unix:/path".
func (v *validator) address(field, s string) {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		v.check(path != "", field, "names no path")
		return
	}
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	v.check(err == nil, field, "%q is not host:port or unix:/path", s)
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
