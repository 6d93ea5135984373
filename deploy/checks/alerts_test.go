package checks

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const monitoringDir = "../monitoring"

// rules are the alerts of alerts.yaml.
func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	readYAML(t, monitoringDir+"/alerts.yaml", &file)
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

type rule struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestAlerts: promtool takes the rules, and its unit tests of them hold, of which each alert has one in which it fires and one in
// which it does not.
func TestAlerts(t *testing.T) {
	promtool := need(t, "prometheus", "promtool")
	if out, err := output(promtool, "check", "rules", "--lint-fatal", monitoringDir+"/alerts.yaml"); err != nil {
		t.Error(err, out)
	}
	if out, err := output(promtool, "test", "rules", monitoringDir+"/alerts_test.yaml"); err != nil {
		t.Error(err, out)
	}
	var file struct {
		Tests []struct {
			Checks []struct {
				Alert string `json:"alertname"`
				Fires []any  `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		}
	}
	readYAML(t, monitoringDir+"/alerts_test.yaml", &file)
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Checks {
			fires[c.Alert] = fires[c.Alert] || len(c.Fires) > 0
			quiet[c.Alert] = quiet[c.Alert] || len(c.Fires) == 0
		}
	}
	all := rules(t)
	if len(all) == 0 {
		t.Fatal("no rules")
	}
	for _, r := range all {
		if !fires[r.Alert] || !quiet[r.Alert] {
			t.Errorf("%s: tested firing: %t, not firing: %t", r.Alert, fires[r.Alert], quiet[r.Alert])
		}
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s: severity %q", r.Alert, s)
		}
		if r.Annotations["summary"] == "" {
			t.Errorf("%s: no summary", r.Alert)
		}
	}
}

// TestChartMonitors: the chart's PrometheusRule and dashboard are those of deploy/monitoring.
func TestChartMonitors(t *testing.T) {
	os := rendered(t, valueSets(t)["all"])
	have := 0
	for _, r := range of[*monitoringv1.PrometheusRule](os) {
		for _, g := range r.Spec.Groups {
			have += len(g.Rules)
		}
	}
	if want := len(rules(t)); have != want {
		t.Errorf("%d rules in PrometheusRules, want %d", have, want)
	}
	c := named[*corev1.ConfigMap](os, "mail-policy-dashboard")
	if c == nil {
		t.Fatal("no dashboard")
	}
	var dashboard any
	if err := json.Unmarshal([]byte(c.Data["gatepost.json"]), &dashboard); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(dashboard, readJSON(t, monitoringDir+"/dashboard.json")) {
		t.Error("the dashboard is another")
	}
}

func readJSON(t *testing.T, name string) (v any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}
