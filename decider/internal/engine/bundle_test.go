package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
func fromBundles(t *testing.T, s *bundleServer, log *logBuffer) *engine.Engine {
	e, _ := start(t, "", func(c *engine.Config) {
		c.Directory = nil
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		c.OPA = fmt.Appendf(nil, `{
			"services": {"policies": {"url": %q}},
			"bundles": {"main": {"service": "policies", "resource": "bundle.tar.gz", "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1}}}
		}`, s.URL)
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

// Policy comes from a bundle service by OPA's own plugin. Before the first bundle there are no decisions; a new one takes
// over under its revision; a bad one is refused, whatever is wrong with it, and the one before stays.
func TestBundles(t *testing.T) {
	s := newBundleServer(t)
	var log logBuffer
	e := fromBundles(t, s, &log)
	if _, err := e.Decide(t.Context(), command("NOOP")); !errors.Is(err, engine.ErrNotReady) {
		t.Fatalf("before the first bundle: error %v", err)
	}
	s.put(t, "one", rejecting("one"), true)
	if _, err := e.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(t, "the first bundle", func() bool { return text(t, e) == "one" })
	if e.Revision() != "one" {
		t.Errorf("revision %q", e.Revision())
	}

	for _, bad := range []struct {
		name, policy string
		library      bool
		log          string
	}{
		{"syntax", "-- p.rego --\npackage imap.policy\n!", true, "rego_parse_error"},
		{"denied function", "-- p.rego --\npackage imap.policy\nreason := http.send({\"method\": \"get\", \"url\": \"x\"}).body", true, "undefined function http.send"},
		{"malformed row", "-- p.rego --\npackage imap.policy\nrequest[\"NOOP\"] := 1", true, "1 is not a verdict on a command"},
		{"no library", rejecting("bad"), false, "bundle main lacks the library"},
	} {
		s.put(t, bad.name, bad.policy, bad.library)
		_, _ = e.Reload(t.Context())
		wait(t, bad.name+" in the log", func() bool { return log.has(bad.log) })
		if got := text(t, e); got != "one" || e.Revision() != "one" {
			t.Errorf("%s: decided %q by revision %q", bad.name, got, e.Revision())
		}
	}

	s.put(t, "two", rejecting("two"), true)
	wait(t, "the second bundle", func() bool { return text(t, e) == "two" && e.Revision() == "two" })
}
