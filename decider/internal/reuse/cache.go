package reuse

import (
	"strings"
	"sync"

	"github.com/gatepost/gatepost/decider/internal/input"
)

// Cache has what was derived from one policy. Clients choose the names of commands and servers those of responses, so there is an entry
// of its own only for names from a fixed list; all others share one, derived for a name that can be anything. It is safe for
// concurrent use.
type Cache struct {
	named func(command string) bool

	mu      sync.RWMutex
	derived map[Event]*Dependencies // nil: under way
}

// NewCache gives an empty cache. named says which commands get an entry of their own; nil: none.
func NewCache(named func(command string) bool) *Cache {
	return &Cache{named: named, derived: map[Event]*Dependencies{}}
}

// Shared is the event under which an event's dependencies are kept.
func (c *Cache) Shared(e Event) Event {
	if e.Solicited && (c.named == nil || !c.named(e.Command)) {
		e.Command = other
	}
	if (e.Kind == input.Untagged || e.Kind == input.Tagged) && !responses[e.Response] {
		e.Response = other
	}
	return e
}

// Lookup gives the dependencies of a shared event; nil: there are none yet. first is true for the first who asks, who is to have them
// derived.
func (c *Cache) Lookup(e Event) (d *Dependencies, first bool) {
	c.mu.RLock()
	d, ok := c.derived[e]
	c.mu.RUnlock()
	if ok {
		return d, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok = c.derived[e]; ok {
		return d, false
	}
	c.derived[e] = nil
	return nil, true
}

// Put keeps the dependencies of a shared event; nil: whoever asks next is the first again.
func (c *Cache) Put(e Event, d *Dependencies) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d == nil {
		delete(c.derived, e)
		return
	}
	c.derived[e] = d
}

// responses are those with entries of their own: RFC 9051 section 7, and extensions.
var responses = map[string]bool{}

func init() {
	const names = "OK NO BAD BYE PREAUTH CAPABILITY ENABLED LIST LSUB XLIST NAMESPACE STATUS SEARCH ESEARCH SORT THREAD FLAGS EXISTS RECENT " +
		"EXPUNGE VANISHED FETCH ID ACL LISTRIGHTS MYRIGHTS QUOTA QUOTAROOT METADATA LANGUAGE COMPARATOR"
	for name := range strings.FieldsSeq(names) {
		responses[name] = true
	}
}
