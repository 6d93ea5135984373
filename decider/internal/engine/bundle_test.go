package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/bundle"
	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/decider/internal/engine"
)

// bundleServer serves one bundle, as any OPA bundle service does.
type bundleServer struct {
	*httptest.Server
	mu   sync.Mutex
	data []byte
	etag string
}

func newBundleServer(t *testing.T) *bundleServer {
	s := new(bundleServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case s.data == nil:
			http.Error(w, "no bundle", http.StatusNotFound)
		case r.Header.Get("If-None-Match") == s.etag:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", s.etag)
			_, _ = w.Write(s.data)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// put publishes a bundle of the files of an archive, and of the library if that is wanted.
func (s *bundleServer) put(t *testing.T, revision, archive string, withLibrary bool) {
	t.Helper()
	var buf bytes.Buffer
	b := bundle.Bundle{Data: map[string]any{}}
	b.Manifest.Revision = revision
	b.Manifest.Init()
	module := func(name string, data []byte) {
		b.Modules = append(b.Modules, bundle.ModuleFile{URL: name, Path: name, Raw: data})
	}
	if withLibrary {
		if err := fs.WalkDir(library, ".", func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".rego") || strings.HasSuffix(name, "_test.rego") || strings.Contains(name, "imap/policy/") {
				return err
			}
			data, err := fs.ReadFile(library, name)
			module("/"+name, data)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		module("/"+f.Name, f.Data)
	}
	if err := bundle.NewWriter(&buf).DisableFormat(true).Write(b); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data, s.etag = buf.Bytes(), revision
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.buf.String(), text)
}

// fromBundles gives an engine that has its policy from the server.
func fromBundles(t *testing.T, s *bundleServer, log *logBuffer, when string) *engine.Engine {
	e, _ := start(t, "", func(c *engine.Config) {
		c.Directory = nil
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		c.OPA = fmt.Appendf(nil, `{
			"services": {"policies": {"url": %q}},
			"bundles": {"main": {"service": "policies", "resource": "bundle.tar.gz", %s}}
		}`, s.URL, when)
	})
	return e
}

// wait calls f until it is true.
func wait(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// isOf says if the policy in force is of a bundle of that revision.
func isOf(e *engine.Engine, revision string) bool {
	return strings.HasPrefix(e.Revision(), revision+"+")
}

func text(t *testing.T, e *engine.Engine) string {
	t.Helper()
	a, err := e.Decide(t.Context(), command("NOOP"))
	if err != nil {
		return err.Error()
	}
	return string(a.Decision.GetText())
}

func rejecting(text string) string {
	return "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := [\"IMAP_REQ_REJECT\", \"" + text + "\"]\n"
}

// Policy comes from a bundle service by OPA's own plugin, which polls. Before the first bundle there are no decisions; a new
// one takes over under its revision.
func TestBundles(t *testing.T) {
	s := newBundleServer(t)
	e := fromBundles(t, s, new(logBuffer), `"polling": {"min_delay_seconds": 1, "max_delay_seconds": 1}`)
	if _, err := e.Decide(t.Context(), command("NOOP")); !errors.Is(err, engine.ErrNotReady) {
		t.Fatalf("before the first bundle: error %v", err)
	}
	for _, version := range []string{"one", "two"} {
		s.put(t, version, rejecting(version), true)
		wait(t, "bundle "+version, func() bool { return text(t, e) == version && isOf(e, version) })
		// What OPA polls for is not asked for twice.
		if _, err := e.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// The policy in force has another revision when a bundle brings something else, also if the bundle's own revision stays the same or
// it has none; and the same when the same comes back. Who watches hears of each.
func TestRevisionTellsContent(t *testing.T) {
	for _, revision := range []string{"one", ""} {
		s := newBundleServer(t)
		e := fromBundles(t, s, new(logBuffer), `"trigger": "manual"`)
		seen := map[string]string{}
		for i, version := range []string{"a", "b", "a"} {
			changed := e.Force().Changed
			s.put(t, revision, rejecting(version), true)
			s.mu.Lock()
			s.etag = fmt.Sprint("etag", i)
			s.mu.Unlock()
			if _, err := e.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			wait(t, version, func() bool { return text(t, e) == version })
			select {
			case <-changed:
			default:
				t.Errorf("%q: nobody hears of %s", revision, version)
			}
			for other, of := range seen {
				if (other == e.Revision()) != (of == version && revision != "") {
					t.Errorf("%q: %s has the revision %s, and %s had %s", revision, version, e.Revision(), of, other)
				}
			}
			seen[e.Revision()] = version
		}
	}
}

// A bad bundle is refused, whatever is wrong with it, and the one before stays.
func TestBadBundles(t *testing.T) {
	s := newBundleServer(t)
	var log logBuffer
	e := fromBundles(t, s, &log, `"trigger": "manual"`)
	s.put(t, "one", rejecting("one"), true)
	if _, err := e.Reload(t.Context()); err != nil || text(t, e) != "one" {
		t.Fatalf("the first bundle: decided %q, error %v", text(t, e), err)
	}
	for _, bad := range []struct {
		name, policy string
		library      bool
		want         string
	}{
		{"syntax", "-- p.rego --\npackage imap.policy\n!", true, "rego_parse_error"},
		{"denied function", "-- p.rego --\npackage imap.policy\nreason := http.send({\"method\": \"get\", \"url\": \"x\"}).body", true, "undefined function http.send"},
		{"malformed row", "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := 1", true, "/p.rego:2: request[\"NOOP\"]: 1 is not a verdict on a command"},
		{"no library", rejecting("bad"), false, "bundle main lacks the library"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			s.put(t, bad.name, bad.policy, bad.library)
			if _, err := e.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), bad.want) {
				t.Errorf("error %v, want %s", err, bad.want)
			}
			if !log.has("Bundle load failed") && !log.has("Bundle activation failed") {
				t.Error("the log has nothing")
			}
			if got := text(t, e); got != "one" || !isOf(e, "one") {
				t.Errorf("decided %q by revision %q", got, e.Revision())
			}
		})
	}
	s.put(t, "two", rejecting("two"), true)
	if _, err := e.Reload(t.Context()); err != nil || text(t, e) != "two" || !isOf(e, "two") {
		t.Errorf("the next good bundle: decided %q, error %v", text(t, e), err)
	}
}

// A bundle in a file is read again on Reload.
func TestFileBundle(t *testing.T) {
	s := newBundleServer(t)
	name := filepath.Join(t.TempDir(), "bundle.tar.gz")
	put := func(version string) {
		t.Helper()
		s.put(t, version, rejecting(version), true)
		if err := os.WriteFile(name, s.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("one")
	e, _ := start(t, "", func(c *engine.Config) {
		c.Directory = nil
		c.OPA = fmt.Appendf(nil, `{"bundles": {"main": {"resource": "file://%s"}}}`, name)
	})
	wait(t, "the first bundle", func() bool { return text(t, e) == "one" })
	put("two")
	if _, err := e.Reload(t.Context()); err != nil || text(t, e) != "two" {
		t.Errorf("decided %q, error %v", text(t, e), err)
	}
}
