package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/bundle"

	"github.com/gatepost/gatepost/decider/internal/engine"
)

const verifyKey = "a key that is long enough for HS256, as it must be"

// sign signs the bundle that the server has; nothing else changes.
func (s *bundleServer) sign(t *testing.T, key string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := bundle.NewReader(bytes.NewReader(s.data)).WithSkipBundleVerification(true).WithBaseDir("").Read()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.GenerateSignature(bundle.NewSigningConfig(key, "HS256", ""), "policies", false); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := bundle.NewWriter(&buf).DisableFormat(true).Write(b); err != nil {
		t.Fatal(err)
	}
	s.data = buf.Bytes()
}

// configured gives an engine with OPA's configuration alone.
func configured(t *testing.T, log io.Writer, format string, args ...any) *engine.Engine {
	t.Helper()
	e, _ := start(t, "", func(c *engine.Config) {
		c.Directory = nil
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		c.OPA = fmt.Appendf(nil, format, args...)
	})
	return e
}

// Where signatures are asked for, a bundle without one, or with one by another key, is refused and the one before stays.
func TestSignedBundles(t *testing.T) {
	s := newBundleServer(t)
	e := configured(t, io.Discard, `{
		"services": {"policies": {"url": %q}},
		"keys": {"policies": {"algorithm": "HS256", "key": %q}},
		"bundles": {"main": {"service": "policies", "resource": "bundle.tar.gz", "trigger": "manual", "signing": {"keyid": "policies"}}}
	}`, s.URL, verifyKey)
	put := func(name, key string) error {
		t.Helper()
		s.put(t, name, rejecting(name), true)
		if key != "" {
			s.sign(t, key)
		}
		_, err := e.Reload(t.Context())
		return err
	}
	if err := put("unsigned at first", ""); err == nil || e.Revision() != "" {
		t.Errorf("an unsigned first bundle: error %v, revision %q", err, e.Revision())
	}
	if err := put("one", verifyKey); err != nil || text(t, e) != "one" {
		t.Errorf("a signed bundle: error %v, decided %q", err, text(t, e))
	}
	for name, key := range map[string]string{"unsigned": "", "by another key": "another key that is long enough for HS256 too"} {
		if err := put(name, key); err == nil || text(t, e) != "one" || !isOf(e, "one") {
			t.Errorf("%s: error %v, decided %q", name, err, text(t, e))
		}
	}
	if err := put("two", verifyKey); err != nil || text(t, e) != "two" {
		t.Errorf("the next signed bundle: error %v, decided %q", err, text(t, e))
	}
}

// A persisted bundle decides while its service is away, also in a decider that has just started.
func TestPersistedBundle(t *testing.T) {
	s := newBundleServer(t)
	s.put(t, "one", rejecting("one"), true)
	conf := fmt.Sprintf(`{
		"persistence_directory": %q,
		"services": {"policies": {"url": %q}},
		"bundles": {"main": {"service": "policies", "resource": "bundle.tar.gz", "persist": true, "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1}}}
	}`, t.TempDir(), s.URL)
	first := configured(t, io.Discard, "%s", conf)
	wait(t, "the bundle", func() bool { return text(t, first) == "one" })
	s.Close()
	second := configured(t, io.Discard, "%s", conf)
	wait(t, "the persisted bundle", func() bool { return text(t, second) == "one" && isOf(second, "one") })
}

// A service that holds requests until there is something new brings a bundle at once.
func TestLongPolling(t *testing.T) {
	s := newBundleServer(t)
	s.put(t, "one", rejecting("one"), true)
	var mu sync.Mutex
	changed := make(chan struct{})
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		c := changed
		mu.Unlock()
		s.mu.Lock()
		known := r.Header.Get("If-None-Match") == s.etag
		s.mu.Unlock()
		if known {
			select {
			case <-c:
			case <-r.Context().Done():
				return
			}
		}
		w.Header().Set("Content-Type", "application/vnd.openpolicyagent.bundles")
		inner.ServeHTTP(w, r)
	})
	e := fromBundles(t, s, new(logBuffer), `"polling": {"long_polling_timeout_seconds": 60, "min_delay_seconds": 60, "max_delay_seconds": 60}`)
	wait(t, "the first bundle", func() bool { return text(t, e) == "one" })
	time.Sleep(100 * time.Millisecond) // the next request is held
	begin := time.Now()
	s.put(t, "two", rejecting("two"), true)
	mu.Lock()
	close(changed)
	changed = make(chan struct{})
	mu.Unlock()
	wait(t, "the second bundle", func() bool { return text(t, e) == "two" })
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the second bundle came after %v", took)
	}
}

// Discovery brings the configuration, and the bundle that it names brings policy.
func TestDiscovery(t *testing.T) {
	policies, discovery := newBundleServer(t), newBundleServer(t)
	policies.put(t, "one", rejecting("one"), true)
	discovery.put(t, "d1", "-- config.rego --\npackage boot\nbundles := {\"main\": {\"service\": \"policies\", \"resource\": \"bundle.tar.gz\", \"polling\": {\"min_delay_seconds\": 1, \"max_delay_seconds\": 1}}}\n", false)
	e := configured(t, io.Discard, `{
		"services": {"policies": {"url": %q}, "discovery": {"url": %q}},
		"discovery": {"service": "discovery", "resource": "discovery.tar.gz", "decision": "boot", "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1}}
	}`, policies.URL, discovery.URL)
	wait(t, "the discovered policy", func() bool { return text(t, e) == "one" && isOf(e, "one") })
	policies.put(t, "two", rejecting("two"), true)
	wait(t, "the next", func() bool { return text(t, e) == "two" })
}

// The status service hears of the bundle in force, and of one that was refused and why.
func TestStatusService(t *testing.T) {
	type bundleStatus struct {
		Revision string `json:"active_revision"`
		Code     string
		Message  string
	}
	reports := make(chan bundleStatus, 1000)
	status := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var report struct {
			Bundles map[string]bundleStatus
			Labels  map[string]string
		}
		if err := json.NewDecoder(r.Body).Decode(&report); err != nil || report.Labels["id"] != "test" {
			t.Errorf("report %+v, error %v", report, err)
		}
		if b, ok := report.Bundles["main"]; ok {
			reports <- b
		}
	}))
	t.Cleanup(status.Close)
	s := newBundleServer(t)
	e := configured(t, io.Discard, `{
		"services": {"policies": {"url": %q}, "status": {"url": %q}},
		"bundles": {"main": {"service": "policies", "resource": "bundle.tar.gz", "trigger": "manual"}},
		"status": {"service": "status", "trigger": "periodic"}
	}`, s.URL, status.URL)
	hear := func(what string, f func(bundleStatus) bool) {
		t.Helper()
		for timeout := time.After(20 * time.Second); ; {
			select {
			case b := <-reports:
				if f(b) {
					return
				}
			case <-timeout:
				t.Fatalf("%s: not heard within 20 s", what)
			}
		}
	}
	s.put(t, "one", rejecting("one"), true)
	if _, err := e.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	hear("the bundle in force", func(b bundleStatus) bool { return b.Revision == "one" && b.Code == "" })
	s.put(t, "bad", "-- p.rego --\npackage imap.policy\nx := http.send({})\n", true)
	if _, err := e.Reload(t.Context()); err == nil {
		t.Error("the bad bundle was taken")
	}
	hear("the refused bundle", func(b bundleStatus) bool { return b.Revision == "one" && b.Code == "bundle_error" && b.Message != "" })
}
