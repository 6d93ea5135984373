package policy_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatepost/gatepost/decider/internal/policy"
)

// changes gives what Watch reports.
func changes(t *testing.T, dir string) <-chan struct{} {
	t.Helper()
	c := make(chan struct{}, 100)
	if err := policy.Watch(t.Context(), dir, slog.New(slog.DiscardHandler), func() { c <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	return c
}

func wantChange(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: not noticed", what)
	}
}

// Changes of files, also in folders that are new, are noticed; a burst is one change.
func TestWatchFiles(t *testing.T) {
	dir := unpack(t, "-- a.rego --\npackage a")
	c := changes(t, dir)
	write(t, dir, "-- a.rego --\npackage b")
	wantChange(t, c, "a file is written")
	write(t, dir, "-- new/deep/b.rego --\npackage b")
	wantChange(t, c, "a folder is made")
	write(t, dir, "-- new/deep/b.rego --\npackage c")
	wantChange(t, c, "a file in a new folder is written")
	if err := os.RemoveAll(filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	wantChange(t, c, "a folder is removed")
	select {
	case <-c:
		t.Error("a change is reported where there was none")
	case <-time.After(300 * time.Millisecond):
	}
}

// Kubernetes swaps a ConfigMap by renaming the link ..data that the files' links go through.
func TestWatchConfigMap(t *testing.T) {
	dir := t.TempDir()
	swap := func(version, content string) {
		t.Helper()
		write(t, filepath.Join(dir, version), "-- p.rego --\n"+content+"\n-- sub/q.rego --\npackage q")
		link := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(version, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	swap("..v1", "package imap.policy\nreason := \"one\"")
	for _, name := range []string{"p.rego", "sub"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	d := directory(dir)
	if _, err := d.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := changes(t, dir)
	for _, version := range []string{"two", "three"} {
		swap("..v"+version, "package imap.policy\nreason := \""+version+"\"")
		wantChange(t, c, "a swap")
		if _, err := d.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := in(t, d, "data.imap.policy.reason"); got != `"`+version+`"` {
			t.Errorf("reason %s, want %s", got, version)
		}
	}
}

// A directory that is a link can be swapped as a whole, and what is swapped in is watched.
func TestWatchLinkedDirectory(t *testing.T) {
	base := t.TempDir()
	link := filepath.Join(base, "current")
	swap := func(version string) {
		t.Helper()
		write(t, filepath.Join(base, version), "-- p.rego --\npackage p")
		tmp := filepath.Join(base, "tmp")
		if err := os.Symlink(version, tmp); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, link); err != nil {
			t.Fatal(err)
		}
	}
	swap("v1")
	c := changes(t, link)
	swap("v2")
	wantChange(t, c, "a swap")
	write(t, filepath.Join(base, "v2"), "-- p.rego --\npackage q")
	wantChange(t, c, "a file in what was swapped in")
}
