package rego_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// untold are the commands that confined never lets through, whatever they name: README.md says why.
var untold = []string{"GETQUOTA", "NOTIFY", "SETQUOTA", "UNAUTHENTICATE"}

// inPassing are commands on a selected mailbox that leave it as it is and tell nothing of it.
var inPassing = []string{"CHECK", "UNSELECT"}

// A rule on mailboxes holds for every command that names one: for each that the dataplane's tests have, as they say that it is
// understood.
func TestConfinedHoldsForEveryCommand(t *testing.T) {
	const elsewhere = "nobody's"
	within := query(t, "data.imap.mailbox.confined(input.roots)", compile(t, ""))
	confined := func(c map[string]any, selected string, roots ...string) bool {
		t.Helper()
		document, err := json.Marshal(map[string]any{
			"command": c, "roots": roots,
			"session": map[string]any{"delimiter": "/", "mailbox": map[string]any{"name": selected, "read_only": false}},
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := within(value(t, string(document)))
		if err != nil {
			t.Fatal(err)
		}
		return v != nil
	}

	onlySelected := map[string]bool{}
	passes := map[string]bool{}
	for _, c := range dataplaneCommands(t) {
		onlySelected[c.name] = c.onlySelected
		if !c.refused {
			passes[c.name] = false
		}
	}
	for _, e := range dataplaneExamples(t) {
		name := e.command["name"].(string)
		names := slices.Concat(e.strings("mailboxes"), e.strings("patterns"))
		if confined(e.command, elsewhere, elsewhere) && slices.ContainsFunc(names, func(n string) bool { return n != "" }) {
			t.Errorf("%s: is confined to a mailbox that it does not name", e.line)
		}
		if confined(e.command, elsewhere, names...) && onlySelected[name] && !slices.Contains(inPassing, name) {
			t.Errorf("%s: is confined while another mailbox is selected", e.line)
		}
		if e.command["patterns"] != nil {
			e.command["reference"], e.command["patterns"] = "", []string{"own/%"}
		}
		if confined(e.command, "own", append(names, "own")...) {
			passes[name] = true
		}
	}
	for name, ok := range passes {
		if ok == slices.Contains(untold, name) {
			t.Errorf("%s: is confined in one of its examples: %v", name, ok)
		}
	}
}

// example is a command with what the dataplane understands of it.
type example struct {
	line    string
	command map[string]any
}

func (e example) strings(field string) []string {
	s, _ := e.command[field].([]string)
	return s
}

var (
	// A line such as `a UID COPY 1 Work`.
	exampleLine = regexp.MustCompile(`^a1? ((?i:UID )?\S+)`)
	// A field such as `mailboxes="a","b"`.
	exampleField = regexp.MustCompile(`(?:^|\s)([a-z-]+)=("(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*)`)
	quotedText   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// dataplaneExamples reads the commands that the dataplane's tests understand.
func dataplaneExamples(t *testing.T) (examples []example) {
	t.Helper()
	files, err := filepath.Glob("../dataplane/internal/syntax/testdata/commands/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		line := ""
		for text := range strings.Lines(string(data)) {
			meaning, ok := strings.CutPrefix(strings.TrimSuffix(text, "\n"), "  ")
			if !ok {
				line = text
				continue
			}
			m := exampleLine.FindStringSubmatch(line)
			if m == nil || strings.HasPrefix(meaning, "BAD") ||
				strings.Contains(meaning, "pending=") && !strings.HasSuffix(meaning, " message") {
				continue
			}
			e := example{fmt.Sprintf("%s: %q", name, line), map[string]any{
				"name": strings.ToUpper(m[1]), "known": !strings.HasPrefix(meaning, "unknown"),
			}}
			e.fields(t, meaning)
			examples = append(examples, e)
		}
	}
	if len(examples) < 300 {
		t.Fatalf("only %d commands", len(examples))
	}
	return examples
}

// fields adds the fields that rules on mailboxes look at. mailboxes is not written where it says no more than mailbox and
// new-mailbox do.
func (e example) fields(t *testing.T, meaning string) {
	t.Helper()
	var own []string
	for _, f := range exampleField.FindAllStringSubmatch(meaning, -1) {
		var values []string
		for _, q := range quotedText.FindAllString(f[2], -1) {
			v, err := strconv.Unquote(q)
			if err != nil {
				t.Fatalf("%s: %v", e.line, err)
			}
			values = append(values, v)
		}
		switch f[1] {
		case "mailbox", "new-mailbox":
			own = append(own, values...)
		case "reference":
			e.command["reference"] = values[0]
		case "mailboxes", "patterns", "items", "flags":
			e.command[f[1]] = values
		}
	}
	if e.command["mailboxes"] == nil && own != nil {
		e.command["mailboxes"] = own
	}
}
