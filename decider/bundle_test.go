package decider_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/open-policy-agent/opa/v1/bundle"

	"github.com/gatepost/gatepost/decider"
	"github.com/gatepost/gatepost/rego"
)

// bundles is a bundle service, whose bundle is fetched on Reload.
type bundles struct {
	config string // an OPA configuration file that names it

	mu   sync.Mutex
	data []byte
	etag string
}

func newBundles(t *testing.T) *bundles {
	t.Helper()
	b := new(bundles)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		w.Header().Set("ETag", b.etag)
		_, _ = w.Write(b.data)
	}))
	t.Cleanup(s.Close)
	b.config = filepath.Join(t.TempDir(), "opa.yaml")
	conf := fmt.Sprintf("services: {policies: {url: %q}}\nbundles: {main: {service: policies, resource: bundle.tar.gz, trigger: manual}}\n"+
		"decision_logs: {console: true}\n", s.URL)
	if err := os.WriteFile(b.config, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

// put publishes a policy with the library.
func (b *bundles) put(t *testing.T, revision, policy string) {
	t.Helper()
	out := bundle.Bundle{Data: map[string]any{}}
	out.Manifest.Revision = revision
	out.Manifest.Init()
	module := func(name string, data []byte) {
		out.Modules = append(out.Modules, bundle.ModuleFile{URL: name, Path: name, Raw: data})
	}
	if err := fs.WalkDir(rego.Bundle, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".rego") || strings.Contains(name, "imap/policy/") {
			return err
		}
		data, err := fs.ReadFile(rego.Bundle, name)
		module("/"+name, data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	module("/p.rego", []byte(policy))
	var buf bytes.Buffer
	if err := bundle.NewWriter(&buf).DisableFormat(true).Write(out); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data, b.etag = buf.Bytes(), revision
}

const saying = "package imap.policy\n\nrequest[\"DELETE\"] := [\"IMAP_REQ_REJECT\", %q]\n"

// A bundle that calls what it must not is refused, the one before decides, and metric and log say so.
func TestBundleRefused(t *testing.T) {
	b := newBundles(t)
	b.put(t, "one", fmt.Sprintf(saying, "one"))
	admin, get := withAdmin(t)
	r := run(t, rules, func(c *decider.Config, o *decider.Options) {
		admin(c)
		c.Policy, c.OPAConfig, o.Console = "", b.config, new(buffer)
	})
	says := func(want string) {
		t.Helper()
		if d, err := r.ask(t.Context(), "DELETE"); err != nil || string(d.GetText()) != want || !strings.HasPrefix(d.GetRevision(), want+"+") {
			t.Errorf("decision %v, error %v, want %s", d, err, want)
		}
	}
	counted := func() string {
		_, page := get("/metrics")
		return regexp.MustCompile(`(?m)^gatepost_decider_policy_refused_total \d+$`).FindString(page)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	says("one")
	before := counted()
	b.put(t, "two", fmt.Sprintf(saying, "two")+"reason := http.send({\"method\": \"get\", \"url\": \"x\"}).body\n")
	if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "http.send") {
		t.Errorf("the bad bundle: %v", err)
	}
	says("one")
	if after := counted(); before != "gatepost_decider_policy_refused_total 0" || after != "gatepost_decider_policy_refused_total 1" {
		t.Errorf("%q, and then %q", before, after)
	}
	if !strings.Contains(r.log.String(), "undefined function http.send") {
		t.Error("the log has nothing")
	}
	b.put(t, "three", fmt.Sprintf(saying, "three"))
	if err := r.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	says("three")
}

// A candidate comes from bundles too, by an OPA configuration of its own, whose decision log is left out.
func TestShadowBundles(t *testing.T) {
	b := newBundles(t)
	name := filepath.Join(t.TempDir(), "d.json")
	admin, get := withAdmin(t)
	console := new(buffer)
	r := run(t, rules, func(c *decider.Config, o *decider.Options) {
		admin(c)
		c.Shadow.OPAConfig, c.DecisionLog.File, o.Console = b.config, &decider.File{Path: name}, console
	})
	want := []string{"c1", "c2"}
	for i, revision := range want {
		b.put(t, revision, fmt.Sprintf(saying, revision))
		if err := r.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d, err := r.ask(t.Context(), "DELETE"); err != nil || string(d.GetText()) != "folders here are permanent" {
			t.Errorf("decision %v, error %v", d, err)
		}
		line := fmt.Sprintf(`gatepost_decider_shadow_decisions_total{command="DELETE",result="different"} %d`, i+1)
		eventually(t, line, func() bool {
			_, page := get("/metrics")
			return strings.Contains(page, line)
		})
	}
	r.stop()
	recs := shadowRecords(t, name)
	if len(recs) != len(want) || console.String() != "" {
		t.Fatalf("%d records, and on the console %q", len(recs), console)
	}
	for i, rec := range recs {
		if s := rec.Custom.Shadow; !strings.HasPrefix(s.Revision, want[i]+"+") || s.Result.Text != want[i] || !s.Differs || rec.Result.Text != "folders here are permanent" {
			t.Errorf("record %+v", rec)
		}
	}
}
