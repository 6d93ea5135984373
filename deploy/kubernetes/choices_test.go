package kubernetes

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/decider"
)

// choices are the values of fields that have few, by PROGRAM.TYPE.FIELD: Go's types do not tell.
var choices = map[string][]string{
	"dataplane.Listener.Failure":               {"reject", "abort", "accept"},
	"dataplane.Listener.Audit":                 {"batched", "strict"},
	"dataplane.Reports.OnFull":                 {"block", "drop"},
	"dataplane.Listener.Literals":              {"LITERAL+", "LITERAL-", "none"},
	"dataplane.ListenerTLS.Mode":               {"off", "implicit", "starttls", "starttls_optional"},
	"dataplane.ListenerTLS.MinVersion":         {"1.2", "1.3"},
	"dataplane.ListenerTLS.ClientCertificates": {"off", "optional", "required"},
	"dataplane.ClientTLS.Mode":                 {"off", "implicit", "starttls"},
	"dataplane.ClientTLS.MinVersion":           {"1.2", "1.3"},
	"dataplane.Upstream.ProxyProtocol":         {"off", "v1", "v2"},
	"dataplane.Log.Level":                      {"debug", "info", "warn", "error"},
	"dataplane.Log.Format":                     {"json", "text"},
	"decider.Audit.OnFull":                     {"block", "drop"},
	"decider.Log.Level":                        {"debug", "info", "warn", "error"},
	"decider.Log.Format":                       {"json", "text"},
}

// patterns are what the chart needs of texts. A listener's name is that of its port in Kubernetes (RFC 6335 section 5.1).
var patterns = map[string]string{
	"dataplane.Listener.Name":    "^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$",
	"dataplane.Listener.Address": "^(unix:/.+|[^:]*:[0-9]+|\\[.*\\]:[0-9]+)$",
}

// constrained are the fields of both, by program, as TYPE.FIELD.
var constrained = func() map[string][]string {
	by := map[string][]string{}
	for name := range maps.All(choices) {
		program, field, _ := strings.Cut(name, ".")
		by[program] = append(by[program], field)
	}
	for name := range maps.All(patterns) {
		program, field, _ := strings.Cut(name, ".")
		by[program] = append(by[program], field)
	}
	return by
}()

// where is a configuration with a value at the place of a field.
var where = map[string]string{
	"Listener.Failure":               "listeners: [{name: a, address: \":1\", failure: %}]",
	"Listener.Literals":              "listeners: [{name: a, address: \":1\", literals: %}]",
	"Listener.Audit":                 "listeners: [{name: a, address: \":1\", audit: %}]",
	"Reports.OnFull":                 "reuse: {reports: {on_full: %}}",
	"ListenerTLS.Mode":               "listeners: [{name: a, address: \":1\", tls: {mode: %}}]",
	"ListenerTLS.MinVersion":         "listeners: [{name: a, address: \":1\", tls: {mode: implicit, min_version: %}}]",
	"ListenerTLS.ClientCertificates": "listeners: [{name: a, address: \":1\", tls: {mode: implicit, client_certificates: %}}]",
	"ClientTLS.Mode":                 "listeners: [{name: a, address: \":1\", upstream: {tls: {mode: %}}}]",
	"ClientTLS.MinVersion":           "listeners: [{name: a, address: \":1\", upstream: {tls: {min_version: %}}}]",
	"Upstream.ProxyProtocol":         "listeners: [{name: a, address: \":1\", upstream: {proxy_protocol: %}}]",
	"Audit.OnFull":                   "audit: {on_full: %}",
	"Log.Level":                      "log: {level: %}",
	"Log.Format":                     "log: {format: %}",
}

// TestChoices: the programs take each of choices, and no other.
func TestChoices(t *testing.T) {
	load := map[string]func(string) error{
		"dataplane": func(name string) error { _, err := dataplane.LoadConfig(name); return err },
		"decider":   func(name string) error { _, err := decider.LoadConfig(name, nil); return err },
	}
	for name, values := range choices {
		program, field, _ := strings.Cut(name, ".")
		for _, value := range slices.Concat(values, []string{"nonsense"}) {
			file := filepath.Join(t.TempDir(), "c.yaml")
			text := strings.ReplaceAll(where[field], "%", "\""+value+"\"")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := load[program](file)
			refused := err != nil && strings.Contains(err.Error(), "\""+value+"\" is not ")
			if refused != (value == "nonsense") {
				t.Errorf("%s: %q: %v", name, value, err)
			}
		}
	}
}
