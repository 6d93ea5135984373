package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's own program be all that the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{"run", "server", "load"}, os.Args[1]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestSmoke runs every scenario for a moment, and every target, so that each still does what it is to measure. An operation that is
// refused or does not end is an error. No figure is looked at, but that there is one.
func TestSmoke(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("starts proxies, and takes minutes with the race detector; .ci/run runs it without")
	}
	need(t, "haproxy", "/usr/sbin/haproxy")
	need(t, "nginx-core", "/usr/sbin/nginx")
	need(t, "libnginx-mod-mail", "/usr/lib/nginx/modules/ngx_mail_module.so")
	dir := t.TempDir()
	s := settings{
		server:  "synthetic",
		targets: []string{direct, "haproxy", "nginx", "gatepost"},
		rounds:  1, sessions: 20, accounts: users, warm: time.Millisecond, long: 20 * time.Millisecond, settle: 10 * time.Millisecond,
		out:       filepath.Join(dir, "results.json"),
		dataplane: built(t, dir, "dataplane"),
		decider:   built(t, dir, "decider"),
	}
	smoke(t, s, len(scenarios))

	s.out = filepath.Join(dir, "variants.json")
	s.scenarios = []string{"command-64"}
	s.targets = append(slices.Sorted(maps.Keys(variants)), "haproxy-splice")
	smoke(t, s, 1)

	t.Run("dovecot", func(t *testing.T) {
		need(t, "dovecot-imapd", dovecotProgram)
		if os.Getuid() != 0 {
			lack(t, "only root can start Dovecot")
		}
		s.out = filepath.Join(dir, "dovecot.json")
		s.server = "dovecot"
		s.scenarios = []string{"command-1", "pipelined", "lines", "fetch-64k", "fetch-1m-tls-both", "append-1m*", "login-tls", "mixed"}
		s.targets = []string{direct, "nginx", "gatepost"}
		smoke(t, s, 9)
	})
}

// smoke measures, and looks at what is in the file.
func smoke(t *testing.T, s settings, results int) {
	t.Helper()
	var table strings.Builder
	err := measure(t.Context(), s, &table)
	t.Log(table.String())
	if err != nil {
		t.Fatal(err)
	}
	r := load(s.out)
	if len(r.Results) != results {
		t.Fatalf("%d scenarios in the file, want %d", len(r.Results), results)
	}
	for _, res := range r.Results {
		if res.Server != s.server {
			t.Errorf("%s: server %q, want %q", res.Name, res.Server, s.server)
		}
		for _, series := range res.Targets {
			if m := series.Median; m.PerSecond == 0 && m.PSS == 0 {
				t.Errorf("%s: nothing was measured of %s", res.Name, series.Name)
			}
		}
	}
}

// built builds one of the programs.
func built(t *testing.T, dir, side string) string {
	t.Helper()
	program := filepath.Join(dir, "gatepost-"+side)
	if out, err := exec.Command("go", "build", "-o", program, "../../"+side+"/cmd/gatepost-"+side).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// need skips a test for a file that is not there.
func need(t *testing.T, pkg, file string) {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		lack(t, file+" is not there: apt install "+pkg)
	}
}

// lack skips a test for what the machine lacks; with GATEPOST_NO_SKIP=1 it fails.
func lack(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("GATEPOST_NO_SKIP") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}
