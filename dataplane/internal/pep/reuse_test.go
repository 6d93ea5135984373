package pep

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/pdp"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// knowing is a Decider that knows every answer, but on one command.
type knowing struct {
	pdp.Decider
	asks string

	mu            sync.Mutex
	reused, asked []string
	ended         []string
}

func name(q session.Question) string {
	if q.Command != nil {
		return string(q.Command.Tag)
	}
	return q.Kind.String()
}

func (k *knowing) Reuse(c *pdp.Connection, q *session.Question) (*session.Decision, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c.Strict || name(*q) == k.asks {
		return nil, false
	}
	k.reused = append(k.reused, name(*q))
	d, _ := pdp.AcceptAll(c, *q)
	d.Repeats = "the first"
	return d, true
}

func (k *knowing) Ask(ctx context.Context, c *pdp.Connection, q session.Question, done func(*session.Decision, error)) {
	k.mu.Lock()
	k.asked = append(k.asked, name(q))
	k.mu.Unlock()
	k.Decider.Ask(ctx, c, q, done)
}

func (k *knowing) End(c *pdp.Connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = append(k.ended, c.ID)
}

// Questions that need not be asked are answered where they stand, among others that are; their order is kept; the event names what was
// repeated; and the end of the session is told once.
func TestReuse(t *testing.T) {
	k := &knowing{Decider: pdp.Func(pdp.AcceptAll), asks: "a3"}
	b := newBed(t, func(o *Options, _ *Listener) { o.Decider = k })
	client, server := b.login()
	client.send("a1 NOOP", "a2 NOOP", "a3 NOOP", "a4 NOOP", "a5 LOGOUT")
	for i := range 4 {
		tag := fmt.Sprintf("a%d", i+1)
		server.expect(tag + " NOOP")
		server.send(tag + " OK done")
		client.expect(tag + " OK done")
	}
	server.expect("a5 LOGOUT")
	server.send("* BYE so long", "a5 OK done")
	client.expect("* BYE so long", "a5 OK done")
	client.expectEnd()
	server.expectEnd()
	ended := b.event("ended")
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Equal(k.asked, []string{"a3"}) || !slices.Equal(k.reused, []string{"greeting", "a0", "a1", "a2", "a4", "a5"}) {
		t.Errorf("asked %q, reused %q", k.asked, k.reused)
	}
	if !slices.Equal(k.ended, []string{ended.Session}) {
		t.Errorf("%q ended, want %s", k.ended, ended.Session)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Name == "decision" && (e.Repeats == "") != (e.Tag == "a3") {
			t.Errorf("%+v", e)
		}
	}
}

// On a strict listener all is asked.
func TestStrict(t *testing.T) {
	k := &knowing{Decider: pdp.Func(pdp.AcceptAll)}
	b := newBed(t, func(o *Options, l *Listener) { o.Decider, l.Strict = k, true })
	client, server := b.login()
	client.send("a1 NOOP")
	server.expect("a1 NOOP")
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Equal(k.asked, []string{"greeting", "a0", "a1"}) {
		t.Errorf("asked %q", k.asked)
	}
}
