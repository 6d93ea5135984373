package offline

import (
	"context"
	"fmt"
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/transcript"
)

// patience is how long an answer may take. Nobody waits for it at the other end of a connection.
const patience = 30 * time.Second

// Transcripts plays files with the policy of the decider at a gRPC target, in order, and calls each for each of them. With update
// a file is written with what came. The error says that the decider cannot be asked at all.
func Transcripts(ctx context.Context, decider string, update bool, files []string, each func(transcript.Result)) error {
	client, err := pdp.Dial(pdp.Options{Address: decider, Deadline: patience, InFlight: 1})
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for _, name := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := transcript.ParsePolicy(name)
		if err != nil {
			each(transcript.Result{File: name, Error: err.Error()})
			continue
		}
		each(t.Judge(asker(ctx, client, t), update))
	}
	return nil
}

// asker puts the questions of one transcript's session.
func asker(ctx context.Context, client *pdp.Client, t *transcript.Transcript) transcript.Ask {
	if t.Facts.Connected.IsZero() {
		t.Facts.Connected = time.Now()
	}
	connections := map[bool]*pdp.Connection{}
	return func(secure bool, q session.Question) (*session.Decision, error) {
		c := connections[secure]
		if c == nil {
			c = connection(t.Name, t.Facts, secure)
			connections[secure] = c
		}
		type answer struct {
			decision *session.Decision
			err      error
		}
		answers := make(chan answer, 1)
		client.Ask(ctx, c, q, func(d *session.Decision, err error) { answers <- answer{d, err} })
		a := <-answers
		if a.err != nil {
			return nil, fmt.Errorf("offline: %w", a.err)
		}
		return a.decision, nil
	}
}
