package dataplane

import (
	"crypto/tls"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/keyring"
	"github.com/gatepost/gatepost/dataplane/internal/pep"
)

// Reload loads the files of keys, certificates and authorities again where they have changed. Serve does so by itself when it sees
// them change; sessions are not touched. What became of it is told by events.
func (d *Dataplane) Reload() { d.keys.Reload() }

// listenerTLS is how clients are met, now; nil: without TLS.
func (d *Dataplane) listenerTLS(l config.Listener) (func() *tls.Config, error) {
	if l.TLS.Mode == config.TLSOff {
		return nil, nil
	}
	k := &keyring.Key{Name: "listener " + l.Name, Listener: l.Name, Files: l.TLS.Files(), Load: l.TLS.Config}
	return k.Config, d.keys.Add(k)
}

// upstreamTLS is the same for a server.
func (d *Dataplane) upstreamTLS(l config.Listener) (func() *tls.Config, error) {
	name, u := "upstream", &d.cfg.Upstream
	if l.Upstream != nil {
		name, u = "upstream of "+l.Name, l.Upstream
	}
	if u.TLS.Mode == config.TLSOff {
		return nil, nil
	}
	for _, k := range d.keys.Keys() {
		if k.Name == name { // another listener's too
			return k.Config, nil
		}
	}
	k := clientKey(name, u.TLS, u.Address)
	return k.Config, d.keys.Add(k)
}

// deciderTLS is how the decider is met, now and when the files change; nil: without TLS.
func (d *Dataplane) deciderTLS() (*tls.Config, error) {
	c := d.cfg.Decider
	if c.TLS.Mode == config.TLSOff {
		return nil, nil
	}
	k := &keyring.Key{Name: "decider", Files: c.TLS.Files(), Load: c.TLSConfig}
	if err := d.keys.Add(k); err != nil {
		return nil, err
	}
	return k.Live(), nil
}

func clientKey(name string, t config.ClientTLS, address string) *keyring.Key {
	return &keyring.Key{Name: name, Files: t.Files(), Load: func() (*tls.Config, error) { return t.Config(address) }}
}

// changed is the event that a key's files have changed.
func changed(k *keyring.Key, err error) *Event {
	e := &Event{Name: pep.TLSLoaded, Listener: k.Listener, Reason: k.Name, Err: err}
	if err != nil {
		e.Name = pep.TLSRefused
	}
	return e
}
