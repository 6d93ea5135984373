// Package keyring keeps TLS configurations that are made from files, and makes them again when the files change. What cannot be
// used never takes the place of what was: the change is reported, and what is loaded stays.
package keyring

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Ring is a set of keys that are loaded again together.
type Ring struct {
	tell func(k *Key, err error)

	mu   sync.Mutex // one reload at a time
	keys []*Key
}

// New makes an empty ring. tell is called from one goroutine at a time, with a key whose files have changed, and what is wrong
// with them; nil: they are in use.
func New(tell func(k *Key, err error)) *Ring { return &Ring{tell: tell} }

// Key is one TLS configuration.
type Key struct {
	// Name says whose it is, for logs.
	Name string
	// Listener is the listener's name, where it is a listener's.
	Listener string
	// Files are those that Load reads.
	Files []string
	// Load reads them.
	Load func() (*tls.Config, error)

	current atomic.Pointer[tls.Config]
	// tried is of what the files held when they were last loaded, or could not be.
	tried [sha256.Size]byte
}

// Add loads a key for the first time. All keys are added before Watch or Reload is called.
func (r *Ring) Add(k *Key) error {
	k.tried = contents(k.Files)
	c, err := k.Load()
	if err != nil {
		return err
	}
	k.current.Store(c)
	r.keys = append(r.keys, k)
	return nil
}

// Config is the configuration that is in use now. It is not changed.
func (k *Key) Config() *tls.Config { return k.current.Load() }

// NotAfter is when the first of the key's own certificates expires; the zero time: it has none.
func (k *Key) NotAfter() (first time.Time) {
	for _, c := range k.Config().Certificates {
		if first.IsZero() || c.Leaf.NotAfter.Before(first) {
			first = c.Leaf.NotAfter
		}
	}
	return first
}

// Keys are all keys.
func (r *Ring) Keys() []*Key { return r.keys }

// Reload loads the keys whose files have changed since they were last tried.
func (r *Ring) Reload() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		now := contents(k.Files)
		if now == k.tried {
			continue
		}
		k.tried = now
		r.tell(k, k.reload(time.Now()))
	}
}

func (k *Key) reload(now time.Time) error {
	c, err := k.Load()
	if err != nil {
		return err
	}
	if err := valid(c, now); err != nil && valid(k.Config(), now) == nil {
		return err
	}
	k.current.Store(c)
	return nil
}

// valid tells that the own certificates can be used at that time.
func valid(c *tls.Config, now time.Time) error {
	for _, own := range c.Certificates {
		switch leaf := own.Leaf; {
		case now.After(leaf.NotAfter):
			return fmt.Errorf("keyring: the certificate of %v expired on %v", leaf.Subject, leaf.NotAfter)
		case now.Before(leaf.NotBefore):
			return fmt.Errorf("keyring: the certificate of %v is not valid before %v", leaf.Subject, leaf.NotBefore)
		}
	}
	return nil
}

// contents is a sum of what the files hold, or of why they cannot be read.
func contents(files []string) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			b = []byte(err.Error())
		}
		fmt.Fprintf(h, "%d %t ", len(b), err == nil)
		h.Write(b)
	}
	h.Sum(sum[:0])
	return sum
}
