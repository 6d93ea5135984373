package decider_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/gatepost/gatepost/decider"
)

// withAdmin adds an admin socket; get asks it.
func withAdmin(t *testing.T) (change func(*decider.Config), get func(path string) (int, string)) {
	socket := filepath.Join(t.TempDir(), "a.sock")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}}}
	return func(c *decider.Config) { c.Admin.Address = "unix:" + socket }, func(path string) (int, string) {
		t.Helper()
		resp, err := client.Get("http://admin" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

// METRICS.md has every metric, with its type, labels and help, and no other; and each counts what it says.
func TestMetrics(t *testing.T) {
	admin, get := withAdmin(t)
	opaConfig := filepath.Join(t.TempDir(), "opa.yaml")
	if err := os.WriteFile(opaConfig, []byte("status: {prometheus: true, console: true}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, rules, func(c *decider.Config, o *decider.Options) {
		admin(c)
		c.OPAConfig, o.Console, c.Shadow.Policy = opaConfig, io.Discard, c.Policy
		c.DecisionLog.File = &decider.File{Path: filepath.Join(t.TempDir(), "d.json")}
	})
	for _, name := range []string{"DELETE", "NOOP", "NOOP", "X-" + strings.Repeat("Y", 20), "FAIL"} {
		if _, err := r.ask(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.ask(t.Context(), ""); err == nil {
		t.Error("a command without a name was answered")
	}
	r.write(t, "-- p.rego --\npackage imap.policy\nrequest[")
	if err := r.Reload(t.Context()); err == nil {
		t.Error("the bad policy was loaded")
	}
	var page string
	eventually(t, "records are written", func() bool {
		_, page = get("/metrics")
		return strings.Contains(page, `gatepost_decider_audit_records_total{result="written"} 5`)
	})
	for _, want := range []string{
		`gatepost_decider_decisions_total{class="mailbox",kind="command",outcome="policy",verdict="IMAP_REQ_REJECT"} 1`,
		`gatepost_decider_decisions_total{class="session",kind="command",outcome="policy",verdict="IMAP_REQ_ACCEPT"} 2`,
		`gatepost_decider_decisions_total{class="other",kind="command",outcome="error",verdict=""} 1`,
		`gatepost_decider_decision_seconds_count{kind="command"} 5`,
		`gatepost_decider_policy_errors_total{kind="row"} 1`,
		`gatepost_decider_reusable_decisions_total{reuse="off"} 5`,
		`gatepost_decider_unanswered_total{code="InvalidArgument"} 1`,
		`gatepost_decider_audit_queue_records 0`,
		`gatepost_decider_audit_records_total{result="lost"} 0`,
		`gatepost_decider_shadow_decisions_total{command="NOOP",result="same"} 2`,
		`gatepost_decider_ready 1`,
		fmt.Sprintf("gatepost_decider_revision_info{revision=%q} 1", r.Revision()),
		"plugin_status_gauge{",
		"go_goroutines ",
		"process_start_time_seconds ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if !regexp.MustCompile(`gatepost_decider_policy_refused_total [1-9]`).MatchString(page) {
		t.Error("the refused policy is not counted")
	}
	if strings.Contains(page, "YYY") {
		t.Error("a command's name is a label")
	}
	documented(t, page)
}

var row = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| (.*?) ?\\| (.*) \\|$")

// documented compares METRICS.md to a page of metrics.
func documented(t *testing.T, page string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var is []string
	for name, f := range families {
		if !strings.HasPrefix(name, "gatepost_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		slices.Sort(labels)
		is = append(is, strings.Join([]string{name, strings.ToLower(f.GetType().String()), strings.Join(labels, " "), f.GetHelp()}, " | "))
	}
	text, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	var says []string
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		says = append(says, strings.Join(m[1:], " | "))
	}
	slices.Sort(is)
	if !slices.Equal(is, says) {
		t.Errorf("METRICS.md has\n%s\nthe decider has\n%s", strings.Join(says, "\n"), strings.Join(is, "\n"))
	}
}

// Health says that the program runs, and readiness that it decides; a unix socket has profiles.
func TestAdmin(t *testing.T) {
	admin, get := withAdmin(t)
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) {
		admin(c)
		c.Shutdown.Wait = time.Second
	})
	r.health(t, "") // it serves
	for _, path := range []string{"/healthz", "/readyz", "/debug/pprof/"} {
		if code, body := get(path); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	ended := make(chan struct{})
	go func() {
		r.stop()
		close(ended)
	}()
	eventually(t, "not ready", func() bool {
		code, body := get("/readyz")
		return code == http.StatusServiceUnavailable && body == "draining\n"
	})
	if code, _ := get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz while draining: %d", code)
	}
	<-ended
}

// Until there is policy the decider is healthy and not ready. An address that others reach has no profiles unless they are
// wanted.
func TestAdminNotReady(t *testing.T) {
	for _, profiles := range []bool{false, true} {
		l, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		r := run(t, "", func(c *decider.Config, _ *decider.Options) {
			c.Policy = ""
			c.Admin.Address, c.Admin.Profiles = "0.0.0.0:"+port, profiles
			c.OPAConfig = filepath.Join(t.TempDir(), "opa.yaml")
			conf := "services: {none: {url: 'http://127.0.0.1:1'}}\nbundles: {main: {service: none}}\n"
			if err := os.WriteFile(c.OPAConfig, []byte(conf), 0o644); err != nil {
				t.Fatal(err)
			}
		})
		r.health(t, "") // it serves
		pprof := http.StatusNotFound
		if profiles {
			pprof = http.StatusOK
		}
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 200, "/debug/pprof/": pprof} {
			resp, err := http.Get("http://127.0.0.1:" + port + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
			}
		}
	}
}
