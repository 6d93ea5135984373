package syntax

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the golden files expect")

// dialogue is a line of a file below testdata that holds a command, and the line behind it, which says what comes of it.
//
// A command stands as it is sent, with the escapes of Go (\r\n, \x00); other lines that do not start with a space are comments
// (#) or the mode from there on ("mode: utf8 literal8"). What comes of a command is indented: describe's text, or
// "BAD at <offset>: <want>".
type dialogue struct {
	at      string
	mode    Mode
	command []byte
	want    string
}

// dialogues reads the files of a folder below testdata.
func dialogues(tb testing.TB, pattern string) []dialogue {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no files: %s %v", pattern, err)
	}
	var all []dialogue
	for _, file := range files {
		all = append(all, readDialogues(tb, file)...)
	}
	return all
}

func readDialogues(tb testing.TB, file string) []dialogue {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var all []dialogue
	var mode Mode
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		switch {
		case line == "", line[0] == '#', line[0] == ' ':
			continue
		case strings.HasPrefix(line, "mode:"):
			mode = Mode{UTF8: strings.Contains(line, "utf8"), Literal8: strings.Contains(line, "literal8")}
			continue
		}
		want := ""
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
			want = lines[i+1][2:]
		}
		all = append(all, dialogue{fmt.Sprintf("%s:%d", file, i+1), mode, unescape(tb, line), want})
	}
	return all
}

// unescape resolves \r, \n and \x; a backslash before anything else is itself.
func unescape(tb testing.TB, line string) []byte {
	tb.Helper()
	var b []byte
	for i := 0; i < len(line); i++ {
		switch {
		case strings.HasPrefix(line[i:], `\r`) && strings.HasPrefix(line[i+2:], `\n`):
			b = append(b, "\r\n"...)
			i += 3
		case strings.HasPrefix(line[i:], `\x`):
			c, err := strconv.ParseUint(line[i+2:i+4], 16, 8)
			if err != nil {
				tb.Fatal(err)
			}
			b = append(b, byte(c))
			i += 3
		default:
			b = append(b, line[i])
		}
	}
	return b
}

// outcome is what comes of a dialogue's command.
func (d dialogue) outcome(p *Parser) string {
	c, err := p.Parse(d.command, d.mode)
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return "not an *Error: " + err.Error()
		}
		return fmt.Sprintf("BAD at %d: %s", e.Offset, e.Want)
	}
	return describe(c)
}

// updateDialogues rewrites the lines behind the commands of the files.
func updateDialogues(tb testing.TB, pattern string) {
	tb.Helper()
	files, _ := filepath.Glob(filepath.Join("testdata", pattern))
	for _, file := range files {
		outcomes := make(map[string]string)
		for _, d := range readDialogues(tb, file) {
			outcomes[d.at] = d.outcome(&Parser{})
		}
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		var out []string
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "  ") {
				continue
			}
			out = append(out, line)
			if o, ok := outcomes[fmt.Sprintf("%s:%d", file, i+1)]; ok {
				out = append(out, "  "+o)
			}
		}
		if err := os.WriteFile(file, []byte(strings.Join(out, "\n")), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestDialogues: each command of testdata has the meaning, or the error, that stands behind it.
func TestDialogues(t *testing.T) {
	for _, pattern := range []string{"commands/*.txt", "rfc/*.txt"} {
		if *update {
			updateDialogues(t, pattern)
		}
		var p Parser // one for all: nothing of a command may be left for the next
		for _, d := range dialogues(t, pattern) {
			if got := d.outcome(&p); got != d.want {
				t.Errorf("%s: %q\n got %s\nwant %s", d.at, d.command, got, d.want)
			}
		}
	}
}

// TestEveryCommandIsShown: the dialogues have an accepted and a rejected example of each command of the table.
func TestEveryCommandIsShown(t *testing.T) {
	accepted, rejected := make(map[string]bool), make(map[string]bool)
	for _, d := range dialogues(t, "commands/*.txt") {
		name := commandOf(string(d.command))
		if strings.HasPrefix(d.want, "BAD at ") {
			rejected[name] = true
		} else {
			accepted[name] = true
		}
	}
	for info := range Commands() {
		if !accepted[info.Name] {
			t.Errorf("%s: no accepted example", info.Name)
		}
		if !rejected[info.Name] {
			t.Errorf("%s: no rejected example", info.Name)
		}
	}
}

// commandOf is the name of the command, as far as a malformed one has one.
func commandOf(command string) string {
	words := strings.Split(strings.ToUpper(command), " ")
	if len(words) < 2 {
		return ""
	}
	if words[1] == "UID" && len(words) > 2 {
		return "UID " + words[2]
	}
	return words[1]
}

// TestRejectedHasTag: a command whose tag is valid is answered under it, whatever else is wrong.
func TestRejectedHasTag(t *testing.T) {
	var p Parser
	for _, d := range dialogues(t, "commands/*.txt") {
		_, err := p.Parse(d.command, d.mode)
		e, ok := errors.AsType[*Error](err)
		if !ok || !slices.Contains([]string{"a", "a1"}, strings.SplitN(string(d.command), " ", 2)[0]) {
			continue
		}
		if want := d.command[:strings.IndexByte(string(d.command)+" ", ' ')]; string(e.Tag) != string(want) {
			t.Errorf("%s: %q: tag %q", d.at, d.command, e.Tag)
		}
		if e.Offset < 0 || e.Offset > len(d.command) {
			t.Errorf("%s: %q: offset %d", d.at, d.command, e.Offset)
		}
	}
}
