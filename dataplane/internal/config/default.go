package config

import (
	"cmp"
	"os"
	"time"

	"github.com/gatepost/gatepost/proto/tracing"
)

// The values of Mode, Failure, Audit, OnFull, Literals, ClientCertificates and Upstream.ProxyProtocol.
const (
	TLSOff              = "off"
	TLSImplicit         = "implicit"
	TLSStartTLS         = "starttls"
	TLSStartTLSOptional = "starttls_optional"

	FailReject = "reject"
	FailAbort  = "abort"
	FailAccept = "accept"

	AuditBatched = "batched"
	AuditStrict  = "strict"

	OnFullBlock = "block"
	OnFullDrop  = "drop"

	LiteralPlus  = "LITERAL+"
	LiteralMinus = "LITERAL-"
	LiteralNone  = "none"

	ClientCertificatesOff      = "off"
	ClientCertificatesOptional = "optional"
	ClientCertificatesRequired = "required"

	ProxyOff = "off"
	ProxyV1  = "v1"
	ProxyV2  = "v2"
)

// Default is the configuration of an empty file. It lacks what has no default: listeners, upstream and decider.
func Default() *Config {
	c := &Config{
		BusyPoll: 50 * time.Microsecond,
		Decider:  Decider{Deadline: 250 * time.Millisecond, InFlight: 512, Streams: 2, Silence: 0.4},
		Limits: Limits{
			Sessions:            10_000,
			SessionsBeforeLogin: 2_500,
			SessionsPerNetwork:  1_000,
			NetworkIPv4:         32,
			NetworkIPv6:         64,
			Line:                64 * KiB,
			ServerLine:          MiB,
			InlineLiteral:       8 * KiB,
			Command:             128 * KiB,
			Message:             256 * MiB,
			SASL:                16 * KiB,
			Discard:             16 * MiB,
			Literals:            64,
			Depth:               50,
			Tokens:              10_000,
			InFlight:            64,
			Held:                MiB,
			Output:              256 * KiB,
			BadCommands:         3,
			BadCommandsLoggedIn: 20,
			Roles:               16 * KiB,
			PolicyText:          4 * KiB,
			Progress:            64 * KiB,
		},
		Reuse: Reuse{
			Enabled: true,
			Memory:  64 * MiB,
			Reports: Reports{Batch: 256, Interval: time.Second, Aggregate: 10 * time.Second, Queue: 32 * MiB, OnFull: OnFullBlock},
		},
		Timeouts: Timeouts{
			Connect:      10 * time.Second,
			TLSHandshake: 10 * time.Second,
			ProxyHeader:  5 * time.Second,
			Login:        time.Minute,
			Idle:         31 * time.Minute,
			Write:        time.Minute,
			HalfClosed:   time.Minute,
			Drain:        10 * time.Minute,
			Shutdown:     10 * time.Second,
		},
		Tracing: Tracing{Protocol: tracing.Off},
		Log:     Log{Level: "info", Format: "json"},
	}
	c.Name, _ = os.Hostname()
	return c
}

// fill sets the defaults of what Default could not know of.
func (c *Config) fill() {
	for i := range c.Listeners {
		l := &c.Listeners[i]
		l.Failure = cmp.Or(l.Failure, FailReject)
		l.Audit = cmp.Or(l.Audit, AuditBatched)
		l.Literals = cmp.Or(l.Literals, LiteralPlus)
		l.TLS.Mode = cmp.Or(l.TLS.Mode, TLSOff)
		l.TLS.MinVersion = cmp.Or(l.TLS.MinVersion, "1.2")
		l.TLS.ClientCertificates = cmp.Or(l.TLS.ClientCertificates, ClientCertificatesOff)
		if l.Upstream != nil {
			l.Upstream.fill()
		}
	}
	c.Upstream.fill()
	c.Decider.fill()
}

func (u *Upstream) fill() {
	u.TLS.fill(TLSImplicit)
	u.ProxyProtocol = cmp.Or(u.ProxyProtocol, ProxyOff)
}

func (t *ClientTLS) fill(mode string) {
	t.Mode = cmp.Or(t.Mode, mode)
	t.MinVersion = cmp.Or(t.MinVersion, "1.2")
}
