package checks

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// queries are those of the alerts and of the dashboard, by where they stand.
func queries(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range rules(t) {
		all["alert "+r.Alert] = r.Expr
	}
	text, err := os.ReadFile(monitoringDir + "/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"$__rate_interval": "5m"}
	for _, v := range dashboard.Templating.List {
		variables["$"+v.Name] = ".*"
		if m := labelValues.FindStringSubmatch(v.Definition); m != nil {
			all["variable "+v.Name] = m[1]
		}
	}
	for _, p := range dashboard.Panels {
		for i, target := range p.Targets {
			all[fmt.Sprintf("panel %s, %d", p.Title, i)] = target.Expr
		}
	}
	for at, query := range all {
		all[at] = variable.ReplaceAllStringFunc(query, func(name string) string {
			value, ok := variables[name]
			if !ok {
				t.Errorf("%s: no variable %s", at, name)
			}
			return value
		})
	}
	return all
}

var (
	variable    = regexp.MustCompile(`\$\w+`)
	labelValues = regexp.MustCompile(`^label_values\((.*), \w+\)$`)
)

// shown is what a series may be called by in a query: names, and the values of labels that were seen.
type shown map[string]map[string]map[string]bool

// add adds what a program shows.
func (s shown) add(t *testing.T, text string) {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range families {
		names := []string{name}
		if f.GetType() == dto.MetricType_HISTOGRAM {
			names = []string{name + "_bucket", name + "_sum", name + "_count"}
		}
		for _, name := range names {
			if s[name] == nil {
				s[name] = map[string]map[string]bool{}
			}
			if strings.HasSuffix(name, "_bucket") {
				s[name]["le"] = nil
			}
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					if s[name][l.GetName()] == nil {
						s[name][l.GetName()] = map[string]bool{}
					}
					s[name][l.GetName()][l.GetValue()] = true
				}
			}
		}
	}
}

// target are the labels that Prometheus gives every series.
var target = []string{"namespace", "job", "instance"}

// TestQueries: every query of the alerts and of the dashboard names metrics, and labels of those, that the programs show; and values of
// labels that they show, or that METRICS.md tells of. The programs run with the chart's configuration, and see sessions of every kind.
func TestQueries(t *testing.T) {
	p := startPods(t)
	provoke(p)
	// A few records go into an upload, which is refused but for the first; too many for the buffer are lost.
	last := time.Time{}
	wait(t, "no failure to upload the decision log is counted", func() bool {
		if time.Since(last) > 2*time.Second {
			p.talk("imap", "LOGIN demo demo")
			last = time.Now()
		}
		return strings.Contains(p.metrics("decider"), "decision_logs_chunks_upload_failed_total")
	})
	wait(t, "no loss of records by the decision log is counted", func() bool {
		p.talk("imap", "LOGIN demo demo")
		return strings.Contains(p.metrics("decider"), "decision_logs_dropped_buffer_size_limit_bytes_exceeded_total")
	})
	s := shown{}
	s.add(t, p.metrics("dataplane"))
	s.add(t, p.metrics("decider"))
	s.add(t, withBundles(t))

	documented := ""
	for _, name := range []string{"dataplane", "decider"} {
		text, err := os.ReadFile(root + "/" + name + "/METRICS.md")
		if err != nil {
			t.Fatal(err)
		}
		documented += string(text)
	}
	promql := parser.NewParser(parser.Options{})
	all := queries(t)
	if len(all) < 40 {
		t.Fatalf("%d queries", len(all))
	}
	for at, query := range all {
		expr, err := promql.ParseExpr(query)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		known := map[string]bool{}
		for _, l := range target {
			known[l] = true
		}
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			v, ok := n.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			seen, ok := s[v.Name]
			if !ok {
				t.Errorf("%s: no program shows %s", at, v.Name)
				return nil
			}
			for l := range seen {
				known[l] = true
			}
			for _, m := range v.LabelMatchers {
				if m.Name == model.MetricNameLabel || slices.Contains(target, m.Name) {
					continue
				}
				if seen[m.Name] == nil {
					t.Errorf("%s: %s has no label %s", at, v.Name, m.Name)
					continue
				}
				if m.Value == ".*" {
					continue
				}
				for value := range strings.SplitSeq(m.Value, "|") {
					if !seen[m.Name][value] && !regexp.MustCompile(`\b`+regexp.QuoteMeta(value)+`\b`).MatchString(documented) {
						t.Errorf("%s: %s: no value %q of %s (seen: %v)", at, v.Name, value, m.Name, slices.Sorted(maps.Keys(seen[m.Name])))
					}
				}
			}
			return nil
		})
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			if a, ok := n.(*parser.AggregateExpr); ok {
				for _, l := range a.Grouping {
					if !known[l] {
						t.Errorf("%s: no metric of it has the label %s, by which it is grouped", at, l)
					}
				}
			}
			return nil
		})
	}
}

// provoke has sessions of each kind, so that each counter that has labels is there.
func provoke(p *pods) {
	p.t.Helper()
	login := "LOGIN demo demo"
	for _, c := range []struct {
		listener string
		commands []string
		want     string
	}{
		{"imap", []string{login, "NOOP", "NOOP", "NOOP", "SELECT INBOX", "DELETE Drafts"}, "folders here are permanent"},
		{"imap", []string{login, "SUBSCRIBE Drafts"}, "* BYE"},
		{"imap", []string{login, "UNSUBSCRIBE Drafts"}, "NO [UNAVAILABLE]"},
		{"open", []string{login, "UNSUBSCRIBE Drafts"}, "OK"},
		{"watched", []string{login, "DELETE Drafts"}, "OK"},
		{"dead", nil, "* BYE [UNAVAILABLE]"},
		{"imap", []string{login, "NOOP \x01"}, "BAD"},
	} {
		answers := p.talk(c.listener, c.commands...)
		if last := answers[len(answers)-1]; !strings.Contains(last, c.want) {
			p.t.Errorf("%s: %q: %s, want %s", c.listener, c.commands, last, c.want)
		}
	}
}

// withBundles is what a decider shows that cannot get its bundle.
func withBundles(t *testing.T) string {
	t.Helper()
	none := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(none.Close)
	dir, err := os.MkdirTemp("", "gatepost-bundles-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	port := freePorts(t, "admin")["admin"]
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("decider.yaml", "listen: [\"unix:"+dir+"/s\"]\nopa_config: opa.yaml\nadmin: {address: \"127.0.0.1:"+port+"\"}\n")
	write("opa.yaml", "services: {none: {url: \""+none.URL+"\"}}\nbundles: {policy: {service: none, polling: {min_delay_seconds: 1, max_delay_seconds: 1}}}\n"+
		"status: {prometheus: true}\n")
	run(t, dir+"/log", program(t, "gatepost-decider"), "serve", "--config", dir+"/decider.yaml")
	text := ""
	wait(t, "no failure to load a bundle is counted", func() bool {
		text, err = fetch("http://127.0.0.1:" + port + "/metrics")
		return err == nil && strings.Contains(text, "bundle_failed_load_counter{")
	})
	return text
}
