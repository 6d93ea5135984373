package decider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatepost/gatepost/decider/internal/engine"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Loaded waits until a policy is in force, or ctx is done: its error.
func (d *Decider) Loaded(ctx context.Context) error {
	for {
		f := d.engine.Force()
		if f.Revision != "" {
			return nil
		}
		select {
		case <-f.Changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Alive tells that questions are evaluated: one is, and is not recorded. The error says why not, before ctx is done. That there is
// no policy, or much to do, is not death.
func (d *Decider) Alive(ctx context.Context) error {
	for {
		_, err := d.engine.Decide(ctx, &deciderv1.Question{
			Session:      &deciderv1.Session{Id: "alive"},
			ImapStateOld: deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED,
			ImapStateNew: deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED,
			Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a"), Name: "NOOP", Known: true}},
		})
		switch {
		case err == nil, errors.Is(err, engine.ErrNotReady):
			return nil
		case !errors.Is(err, engine.ErrOverload):
			return fmt.Errorf("decider: a question is not evaluated: %w", err)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("decider: a question is not taken: %w", err)
		}
	}
}
