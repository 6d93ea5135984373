package dataplane_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
)

const example = "../deploy/examples/dataplane.yaml"

// TestExample: check accepts the example configuration, which shows every setting, and each default as it is.
func TestExample(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	dir, a := t.TempDir(), tlstest.NewCA(t)
	if err := os.Mkdir(filepath.Join(dir, "tls"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`tls/([\w-]+)\.crt`).FindAllStringSubmatch(string(text), -1) {
		if strings.HasSuffix(m[1], "-ca") {
			a.File(dir, m[0])
		} else {
			tlstest.Files(t, a.Issue(), dir, "tls/"+m[1])
		}
	}
	file := filepath.Join(dir, "dataplane.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := dataplane.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}

	for _, field := range fields(reflect.TypeFor[dataplane.Config]()) {
		if !regexp.MustCompile(`(?m)(^|[\s{])` + field + `:`).Match(text) {
			t.Errorf("%s is not shown", field)
		}
	}
	want := dataplane.DefaultConfig()
	if c.Limits != want.Limits || c.Timeouts != want.Timeouts || c.Log != want.Log {
		t.Errorf("it says %+v %+v %+v, the defaults are %+v %+v %+v", c.Limits, c.Timeouts, c.Log, want.Limits, want.Timeouts, want.Log)
	}
	if c.Decider.Deadline != want.Decider.Deadline || c.Decider.InFlight != want.Decider.InFlight ||
		c.Decider.Streams != want.Decider.Streams || c.Decider.Silence != want.Decider.Silence {
		t.Errorf("it says %+v, the defaults are %+v", c.Decider, want.Decider)
	}
	modes := map[string]string{}
	for _, l := range c.Listeners {
		modes[l.Name] = l.TLS.Mode
	}
	if len(modes) != 4 || modes["imaps"] != "implicit" || modes["imap"] != "starttls" {
		t.Errorf("%v", modes)
	}
}

// fields are the names of all settings.
func fields(t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("yaml"))
		names = append(names, fields(t.Field(i).Type)...)
	}
	return names
}
