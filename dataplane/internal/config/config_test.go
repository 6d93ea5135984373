package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted errors in testdata/errors")

// TestErrors runs testdata/errors: each file has a configuration and all that is reported on it.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			for _, f := range a.Files[1:] {
				if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if a.Files[0].Name != "want" || a.Files[1].Name != "dataplane.yaml" {
				t.Fatal("want and dataplane.yaml come first")
			}
			_, err = Load("dataplane.yaml")
			if err == nil {
				t.Fatal("no error")
			}
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("%T is not Problems: %v", err, err)
			}
			if got := err.Error() + "\n"; got != string(a.Files[0].Data) {
				if !*update {
					t.Fatalf("got\n%swant\n%s", got, a.Files[0].Data)
				}
				a.Files[0].Data = []byte(got)
				if err := os.WriteFile(filepath.Join(origin, name), txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

var origin, _ = os.Getwd()

// least is the shortest configuration.
const least = `
listeners: [{name: imap, address: "127.0.0.1:1143"}]
upstream: {address: "mail.example:993"}
decider: {address: "unix:/run/gatepost/decider.sock"}
`

func TestDefaults(t *testing.T) {
	c, err := Parse("dataplane.yaml", []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listeners[0]
	if l.Failure != FailReject || l.Literals != LiteralPlus || l.TLS.Mode != TLSOff {
		t.Errorf("listener: %+v", l)
	}
	if c.Upstream.TLS.Mode != TLSImplicit || c.Upstream.TLS.InsecureSkipVerify {
		t.Errorf("upstream: %+v, want verified TLS", c.Upstream)
	}
	if c.Decider.TLS.Mode != TLSOff || c.Decider.Deadline != 250*time.Millisecond {
		t.Errorf("decider: %+v", c.Decider)
	}
	if c.Timeouts.Idle != 31*time.Minute || c.Timeouts.Login != time.Minute {
		t.Errorf("timeouts: %+v", c.Timeouts)
	}
	if tc, err := c.Upstream.TLS.Config(c.Upstream.Address); err != nil || tc.ServerName != "mail.example" {
		t.Errorf("upstream TLS: %+v, %v; want the address's host as server name", tc, err)
	}
}

func TestFieldsOverrideDefaults(t *testing.T) {
	c, err := Parse("dataplane.yaml", []byte(least+`
name: edge-1
limits: {message: 1GiB, in_flight: 8}
timeouts: {idle: 2h}
log: {format: text}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "edge-1" || c.Limits.Message != GiB || c.Limits.InFlight != 8 || c.Limits.Line != 64*KiB ||
		c.Timeouts.Idle != 2*time.Hour || c.Log.Format != "text" || c.Log.Level != "info" {
		t.Errorf("%+v", c)
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]Size{"0": 0, "4096": 4096, "64KiB": 64 << 10, "1 MiB": 1 << 20, "8GiB": 8 << 30} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "KiB", "-1", "+1", "1.5MiB", "1kb", "1 K", "9223372036854775808", "9223372036854775807KiB", "34359738368GiB"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", in, got)
		}
	}
	for want, in := range map[string]Size{"0": 0, "1000": 1000, "64KiB": 64 * KiB, "3MiB": 3 * MiB, "1GiB": GiB} {
		if got := in.String(); got != want {
			t.Errorf("Size(%d) is spelled %q, want %q", uint64(in), got, want)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%v, want os.ErrNotExist", err)
	}
}
