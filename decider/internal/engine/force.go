package engine

import (
	"time"

	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/bundle"
	"github.com/open-policy-agent/opa/v1/plugins/discovery"
)

// Force is the policy in force.
type Force struct {
	// Revision names it; empty: none is loaded.
	Revision string
	// Since is when it came into force. Zero with an empty revision.
	Since time.Time
	// Changed is closed when another comes into force.
	Changed <-chan struct{}
}

// Revision is the revision of the policy in force; empty if there is none.
func (e *Engine) Revision() string {
	if s := e.current.Load(); s != nil {
		return s.revision
	}
	return ""
}

// Force is the policy in force.
func (e *Engine) Force() Force {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.force
}

// pluginStatus hears of OPA's plugins.
func (e *Engine) pluginStatus(status map[string]*plugins.Status) {
	ok := true
	for _, name := range []string{discovery.Name, bundle.Name} {
		if s := status[name]; s != nil && s.State != plugins.StateOK {
			ok = false
		}
	}
	if !e.listening.Load() {
		go e.listen() // discovery may have made the bundle plugin just now, which holds its lock
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plugins = ok
	e.tell()
}

// tell calls cfg.Ready and those who watch Force if there is news. e.mu is held.
func (e *Engine) tell() {
	s := e.current.Load()
	ready := e.plugins && s != nil && s.fault == ""
	if e.ready.Swap(ready) != ready && e.cfg.Ready != nil {
		e.cfg.Ready(ready)
	}
	now := Force{}
	if ready {
		now.Revision, now.Since = s.revision, time.Now()
	}
	if now.Revision != e.force.Revision {
		close(e.changed)
		e.changed = make(chan struct{})
		now.Changed = e.changed
		e.force = now
	}
}

// listen hears of bundles that could not be fetched or do not load, once there is a plugin for them.
func (e *Engine) listen() {
	p := bundle.Lookup(e.manager)
	if p == nil || e.listening.Swap(true) {
		return
	}
	p.Register("gatepost", func(s bundle.Status) {
		if s.Code != "" {
			e.refused()
		}
	})
}

func (e *Engine) refused() {
	if e.cfg.Refused != nil {
		e.cfg.Refused()
	}
}
