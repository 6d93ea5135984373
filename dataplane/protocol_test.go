package dataplane_test

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	library "github.com/gatepost/gatepost/rego"
)

var update = flag.Bool("update", false, "write PROTOCOL.md")

// PROTOCOL.md says what the tables do, and the default policy of them. `make docs` writes it.
func TestProtocol(t *testing.T) {
	want := protocol(t)
	if *update {
		if err := os.WriteFile("PROTOCOL.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("PROTOCOL.md is stale; make docs writes it")
	}
}

func protocol(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Commands and capabilities

Written by ` + "`make docs`" + ` from the tables of ` + "`internal/syntax`" + ` and the default policy of ` + "`rego/`" + `; not edited by hand.

## Commands

"Dataplane" is what it does whatever policy says:

- **policy**: the arguments are parsed, policy is asked, and what it accepts is forwarded. *Waits*: what the client sends behind it waits
  for its tagged response, because what it means depends on it.
- **own**: the dataplane answers, and speaks for itself towards the server.
- **refused**: ` + "`NO`" + `, with the reason; policy is not asked.

"Default" is the default policy's verdict. A command that only a hidden capability brings is refused, too; those without one belong to
IMAP4rev1. A command that is not here is unknown: its arguments are scanned, it has the worst effect, and the default policy rejects
it.

| command | defined by | states | brought by | dataplane | default |
|---|---|---|---|---|---|
`)
	requests := defaultTable(t, "request")
	for c := range syntax.Commands() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", c.Name, c.RFC, states(c.States),
			strings.Join(capabilityNames(c.Capabilities()), ", "), commandTreatment(c), requestVerdict(c, requests))
	}
	b.WriteString(`
## Capabilities

"Dataplane" is what it does whatever policy says, wherever a list of capabilities travels:

- **policy**: shown to clients where policy says so.
- **own**: what the server says of it is not passed on; clients are told of the dataplane's own.
- **hidden**: never shown, with the reason. What it brings is refused.

"Default" is the default policy's verdict. A capability that is not here is unknown: it is dropped, and a policy can show it. What has
a "*" stands for any text.

| capability | defined by | dataplane | default |
|---|---|---|---|
`)
	capabilities := defaultTable(t, "capability")
	for _, c := range syntax.Capabilities() {
		name := c.Name
		if c.Prefix {
			name += "*"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", escape(name), c.RFC, capabilityTreatment(c), capabilityVerdict(c, capabilities))
	}
	return b.String()
}

func states(set syntax.StateSet) string {
	if set.Has(syntax.NotAuthenticated) && set.Has(syntax.Authenticated) && set.Has(syntax.Selected) {
		return "any"
	}
	return strings.ReplaceAll(set.String(), " ", ", ")
}

func commandTreatment(c *syntax.Info) string {
	switch c.Treatment {
	case syntax.Refuse:
		return "refused: " + c.Why
	case syntax.Own:
		return "own"
	}
	if c.Barrier {
		return "policy; waits"
	}
	return "policy"
}

func requestVerdict(c *syntax.Info, table map[string]string) string {
	if c.Treatment == syntax.Refuse {
		return ""
	}
	if v := table[c.Name]; v != "" {
		return strings.TrimPrefix(v, "IMAP_REQ_")
	}
	return "REJECT"
}

func capabilityTreatment(c syntax.CapabilityInfo) string {
	switch c.Treatment {
	case syntax.Hide:
		return "hidden: " + c.Why
	case syntax.Own:
		return "own: " + c.Why
	}
	return "policy"
}

// capabilityVerdict is the verdict on a capability, or on those that a row is for: the exact row, else that of the family, as in
// data.imap.lookup.
func capabilityVerdict(c syntax.CapabilityInfo, table map[string]string) string {
	if c.Treatment == syntax.Hide {
		return ""
	}
	family, _, _ := strings.Cut(c.Name, "=")
	for _, key := range []string{c.Name, family + "="} {
		if v := table[key]; v != "" {
			return strings.TrimPrefix(v, "IMAP_CAP_")
		}
	}
	var shown []string
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if info := syntax.LookupCapability(key); c.Prefix && info != nil && info.Name == c.Name {
			shown = append(shown, key)
		}
	}
	if len(shown) > 0 {
		return "ACCEPT of " + strings.Join(shown, ", ")
	}
	return "DROP"
}

// capabilityNames are names as the page has them: one that ends in "=" stands for all that begin with it.
func capabilityNames(names []string) []string {
	for i, n := range names {
		if strings.HasSuffix(n, "=") {
			names[i] = escape(n + "*")
		}
	}
	return names
}

// escape keeps Markdown from taking a "*" for emphasis.
func escape(name string) string { return strings.ReplaceAll(name, "*", `\*`) }

// defaultTable is a table of the default policy.
func defaultTable(t *testing.T, name string) map[string]string {
	t.Helper()
	options := []func(*rego.Rego){rego.Query("data.imap.policy." + name)}
	err := fs.WalkDir(library.Bundle, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".rego") {
			return err
		}
		text, err := fs.ReadFile(library.Bundle, file)
		options = append(options, rego.Module(file, string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rego.New(options...).Eval(t.Context())
	if err != nil || len(rs) != 1 {
		t.Fatal(rs, err)
	}
	table := map[string]string{}
	for key, v := range rs[0].Expressions[0].Value.(map[string]any) {
		table[key] = v.(string)
	}
	return table
}
