package policy

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a directory must be quiet before it is read: an editor, a checkout or a ConfigMap's swap is many changes.
const settle = 100 * time.Millisecond

// Watch calls changed when something in the directory, or the directory itself where it is a symbolic link, may have
// changed, until ctx is done. Calls do not overlap.
func Watch(ctx context.Context, dir string, log *slog.Logger, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	watch(w, dir)
	go func() {
		defer w.Close()
		timer := time.NewTimer(0)
		timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-w.Events:
				if relevant(dir, e) {
					timer.Reset(settle)
				}
			case err := <-w.Errors:
				// Events were lost; the directory may have changed.
				log.Warn("policy watch", slog.String("directory", dir), slog.Any("error", err))
				timer.Reset(settle)
			case <-timer.C:
				// First the folders that are new, so that no later change in them is missed.
				watch(w, dir)
				changed()
			}
		}
	}()
	return nil
}

// relevant leaves out changes beside the directory, which its parent reports too, and of modes.
func relevant(dir string, e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	dir = filepath.Clean(dir)
	return e.Name == dir || strings.HasPrefix(e.Name, dir+string(filepath.Separator))
}

// watch watches the directory with all folders that readDirectory enters, and its parent, in which a link would be
// swapped. What was watched is given up first, for a name may now be another folder's. One that is gone is no longer of
// interest, so errors are not.
func watch(w *fsnotify.Watcher, dir string) {
	for _, name := range w.WatchList() {
		_ = w.Remove(name)
	}
	dir = filepath.Clean(dir)
	_ = w.Add(filepath.Dir(dir))
	var add func(dir string, depth int)
	add = func(dir string, depth int) {
		if errors.Is(w.Add(dir), fs.ErrNotExist) || depth > maxNesting {
			return
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue
			}
			name := filepath.Join(dir, e.Name())
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				add(name, depth+1)
			}
		}
	}
	add(dir, 0)
}
