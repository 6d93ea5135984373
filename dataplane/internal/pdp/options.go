package pdp

import (
	"crypto/tls"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Options configure a Client.
type Options struct {
	// Address is a gRPC target: "unix:/path", "host:port", "dns:///name:port". Each address that it resolves to is a replica.
	Address string
	// Addresses are the replicas, each "host:port" or "unix:/path", in place of Address.
	Addresses []string
	// TLS is how replicas are met; nil: in the clear. Without a ServerName each must show its own host's name.
	TLS *tls.Config
	// Deadline is how long a question may take.
	Deadline time.Duration
	// InFlight is how many questions may be unanswered, in all, and on each stream. There, those that were given up count too,
	// until they are answered or their deadline is long past.
	InFlight int
	// Streams is how many streams carry questions to each replica. 0: each question is a call of its own.
	Streams int
	// Silence is how long a replica may say nothing while a question waits for it. Then the question is put to another
	// replica too, and this one gets none as long as there is another. 0: 2/5 of Deadline.
	Silence time.Duration
	// Tracer makes a span of each time that a question is put whose context has one. Nil: none does.
	Tracer trace.Tracer
	// Log is told which deciders come, go and change their policy. Nil: nobody is.
	Log *slog.Logger
}

func (o *Options) fill() {
	if o.Silence <= 0 {
		o.Silence = o.Deadline * 2 / 5
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

const (
	// maxQuestion is gRPC's default bound on a message, which a decider may keep to. The limits of a session stay far below.
	maxQuestion = 4 << 20
	maxAnswer   = 4 << 20
	// maxAttempts is how many lanes a question is put to at most. A question that kills deciders must not kill them all.
	maxAttempts = 4
	// pingTimeout is how long GetInfo may take.
	pingTimeout = time.Second
	// drainPatience is how long a stream that drains is used where there is no other. The decider waits for its end.
	drainPatience = time.Second
	// maxShort is how many streams in a row may end within maxPause before there is a pause.
	maxShort = 3
	// The bounds of the pause before something that failed is tried again.
	minPause, maxPause = 20 * time.Millisecond, time.Second
	// workerIdle is how long a goroutine waits for another question. It keeps its grown stack meanwhile.
	workerIdle = 5 * time.Second
)
