package dataplane_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gatepost/gatepost/"

// TestImports holds the directions of imports: what reads the stream cannot reach a socket, the contract or a policy engine;
// and the two programs share the contract and nothing else.
func TestImports(t *testing.T) {
	const internal = module + "dataplane/internal/"
	sockets := []string{"net", "crypto/tls", "google.golang.org/", "github.com/open-policy-agent/"}
	for _, rule := range []struct {
		pattern string
		// own are the packages of the module, and others those outside of it and the standard library, that it may reach.
		own, others []string
		// never are packages, or prefixes that end in "/", that it must not reach.
		never []string
	}{
		{internal + "wire", nil, nil, sockets},
		{internal + "sasl", nil, []string{"github.com/emersion/go-sasl"}, sockets},
		{internal + "syntax", []string{internal + "wire"}, []string{"golang.org/x/text/"}, sockets},
		{internal + "session", []string{internal + "wire", internal + "syntax", internal + "sasl"},
			[]string{"github.com/emersion/go-sasl", "golang.org/x/text/"}, sockets},
		{module + "dataplane/...", []string{module + "dataplane", module + "dataplane/", module + "proto/"}, []string{""},
			[]string{"github.com/open-policy-agent/"}},
		{module + "decider/...", []string{module + "decider", module + "decider/", module + "proto/", module + "rego", module + "rego/",
			module + "deploy/examples"}, []string{""}, nil},
		{module + "deploy/examples", nil, nil, sockets}, // files alone
	} {
		t.Run(strings.TrimPrefix(rule.pattern, module), func(t *testing.T) {
			for _, p := range list(t, rule.pattern) {
				for _, dep := range p.Deps {
					switch {
					case matches(rule.never, dep):
						t.Errorf("%s reaches %s", p.ImportPath, dep)
					case !strings.Contains(dep, ".") || strings.HasPrefix(dep, "vendor/"): // the standard library
					case strings.HasPrefix(dep, module):
						if !matches(rule.own, dep) {
							t.Errorf("%s reaches %s", p.ImportPath, dep)
						}
					case !matches(rule.others, dep):
						t.Errorf("%s reaches %s", p.ImportPath, dep)
					}
				}
			}
		})
	}
}

// matches tells whether a package is in a list of packages and prefixes.
func matches(list []string, path string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return s == "" || s == path || strings.HasSuffix(s, "/") && strings.HasPrefix(path, s)
	})
}

type listed struct {
	ImportPath string
	Deps       []string
}

// list is what go list says of packages, without their tests.
func list(t *testing.T, pattern string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Deps", pattern)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("%v: %s", err, exit.Stderr)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		t.Fatalf("%s matches no package", pattern)
	}
	return all
}
