package examples

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// transcript is a session that is written down.
type transcript struct {
	archive  *txtar.Archive
	settings map[string]string
	steps    []step
}

// step is an input line, with what comes of it; or a line that is neither, whose kind is empty.
type step struct {
	source, kind string
	octets       []byte
	want         output
}

// output is what comes of an input line.
type output struct {
	verdicts           []string
	toServer, toClient []byte
	closed             bool
}

const session = "session"

func readTranscript(t *testing.T, name string) *transcript {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tr := &transcript{archive: txtar.Parse(data), settings: map[string]string{}}
	if len(bytes.TrimSpace(tr.archive.Comment)) == 0 {
		t.Fatalf("%s: no sentence says what it shows", name)
	}
	for _, f := range tr.archive.Files {
		for line := range strings.Lines(string(f.Data)) {
			line = strings.TrimSuffix(line, "\n")
			switch f.Name {
			case "config":
				key, value, ok := strings.Cut(line, ": ")
				if !ok {
					t.Fatalf("%s: not a setting: %s", name, line)
				}
				tr.settings[key] = value
			case session:
				if err := tr.line(line); err != nil {
					t.Fatalf("%s: %s: %v", name, line, err)
				}
			default:
				t.Fatalf("%s: unknown part %q", name, f.Name)
			}
		}
	}
	if len(tr.steps) == 0 {
		t.Fatalf("%s: no session", name)
	}
	return tr
}

func (tr *transcript) line(line string) error {
	bare, _, _ := strings.Cut(line, "  #")
	bare = strings.TrimRight(bare, " ")
	kind, rest, _ := strings.Cut(bare, " ")
	switch kind {
	case "C:", "S:", "C.", "S.":
		data, err := octets(rest)
		tr.steps = append(tr.steps, step{source: line, kind: kind, octets: data})
		return err
	case "", "#":
		tr.steps = append(tr.steps, step{source: line})
		return nil
	}
	at := tr.lastInput()
	if at == nil {
		return fmt.Errorf("nothing was sent before it")
	}
	switch kind {
	case "V:":
		at.want.verdicts = append(at.want.verdicts, rest)
	case ">S", ">C":
		data, err := octets(rest)
		if rest == "=" {
			data = at.octets
		}
		if kind == ">S" {
			at.want.toServer = append(at.want.toServer, data...)
		} else {
			at.want.toClient = append(at.want.toClient, data...)
		}
		return err
	case "closed":
		at.want.closed = true
	default:
		return fmt.Errorf("unknown line")
	}
	return nil
}

func (tr *transcript) lastInput() *step {
	for i := len(tr.steps) - 1; i >= 0; i-- {
		if tr.steps[i].kind != "" {
			return &tr.steps[i]
		}
	}
	return nil
}

// octets are a line with CRLF, or a string in Go's quotes as it is.
func octets(s string) ([]byte, error) {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		u, err := strconv.Unquote(s)
		return []byte(u), err
	}
	return []byte(s + "\r\n"), nil
}

// write writes the transcript with other output.
func (tr *transcript) write(t *testing.T, name string, got []output) {
	t.Helper()
	var b strings.Builder
	for i, st := range tr.steps {
		b.WriteString(st.source + "\n")
		b.WriteString(got[i].text(st.octets))
	}
	for i := range tr.archive.Files {
		if tr.archive.Files[i].Name == session {
			tr.archive.Files[i].Data = []byte(b.String())
		}
	}
	if err := os.WriteFile(name, txtar.Format(tr.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// text is the output as it stands in a transcript, below the input line with those octets.
func (o output) text(input []byte) string {
	var b strings.Builder
	for _, v := range o.verdicts {
		b.WriteString("V: " + v + "\n")
	}
	lines(&b, ">S ", o.toServer, input)
	lines(&b, ">C ", o.toClient, input)
	if o.closed {
		b.WriteString("closed\n")
	}
	return b.String()
}

func lines(b *strings.Builder, prefix string, data, input []byte) {
	if len(data) > 0 && bytes.Equal(data, input) {
		b.WriteString(prefix + "=\n")
		return
	}
	for line := range bytes.Lines(data) {
		text, whole := strings.CutSuffix(string(line), "\r\n")
		if quoted := strconv.Quote(text); !whole || quoted[1:len(quoted)-1] != strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(text) {
			text = strconv.Quote(string(line))
		}
		b.WriteString(prefix + text + "\n")
	}
}
