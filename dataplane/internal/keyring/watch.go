package keyring

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long the files must be left alone before they are loaded: a certificate and its key are two files, and a
	// ConfigMap's swap is many changes.
	settle = 200 * time.Millisecond
	// poll is how often they are looked at besides, for what no watch reports: a link swapped further up, a network file system.
	poll = time.Minute
)

// Watch reloads when a file may have changed, until ctx is done. The error is that of the watch: then they are only looked at
// once a minute.
func (r *Ring) Watch(ctx context.Context) error { return r.watch(ctx, poll) }

func (r *Ring) watch(ctx context.Context, poll time.Duration) error {
	w, err := fsnotify.NewWatcher()
	var events chan fsnotify.Event
	var errs chan error
	if err == nil {
		events, errs = w.Events, w.Errors
	}
	go func() {
		if w != nil {
			defer w.Close()
		}
		settled := time.NewTimer(settle)
		settled.Stop()
		regular := time.NewTicker(poll)
		defer regular.Stop()
		r.follow(w)
		for {
			select {
			case <-ctx.Done():
				return
			case <-events:
				settled.Reset(settle)
			case <-errs: // events were lost
				settled.Reset(settle)
			case <-settled.C:
				r.follow(w)
				r.Reload()
			case <-regular.C:
				r.follow(w)
				r.Reload()
			}
		}
	}()
	return err
}

// follow watches the folder of each file, in which it is replaced or a link to it swapped, and that of what it is a link to. One that
// is not there has nothing to report.
func (r *Ring) follow(w *fsnotify.Watcher) {
	if w == nil {
		return
	}
	for _, name := range w.WatchList() {
		_ = w.Remove(name) // the name may be another folder's by now
	}
	for _, k := range r.keys {
		for _, name := range k.Files {
			_ = w.Add(filepath.Dir(name))
			if real, err := filepath.EvalSymlinks(name); err == nil {
				_ = w.Add(filepath.Dir(real))
			}
		}
	}
}
