package transcript

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Transcript is a parsed file.
type Transcript struct {
	Name, Sentence string
	Config         session.Config
	// WholeOnly: the sentence is about octets that come together ("cut: whole"), so that other cuts show something else.
	WholeOnly bool
	// Facts are what a policy is told of the client's connection; only of a transcript that ParsePolicy read.
	Facts   Facts
	steps   []step
	archive *txtar.Archive
	// judged: a policy decides, so that verdicts are output; has are the kinds of output that are written anywhere.
	judged bool
	has    map[string]bool
}

// step is an input line with the output that belongs to it.
type step struct {
	source string // the input line, or a comment or blank line if do is nil
	line   int    // in the file, from 1
	do     func(*driver)
	send   *send
	want   output
}

// send is a step that feeds octets.
type send struct {
	side session.Side
	data []byte
}

// output is what a step brings about.
type output struct {
	asked, events    []string
	verdicts         []string
	toClient, toSrvr []byte
	closed           bool
}

// Parse reads a transcript in which verdicts are written as input.
func Parse(name string) (*Transcript, error) {
	return parse(&Transcript{Name: name})
}

// ParsePolicy reads a transcript that a policy decides: verdicts are output.
func ParsePolicy(name string) (*Transcript, error) {
	return parse(&Transcript{Name: name, judged: true})
}

func parse(t *Transcript) (*Transcript, error) {
	name := t.Name
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	a := txtar.Parse(data)
	t.archive, t.has = a, map[string]bool{}
	t.Sentence = strings.TrimSpace(string(a.Comment))
	if t.Sentence == "" {
		return nil, fmt.Errorf("%s:1: no sentence says what must hold; the first line of a transcript does", name)
	}
	line := 1 + bytes.Count(a.Comment, []byte("\n"))
	for _, f := range a.Files {
		line++
		switch f.Name {
		case "config":
			err = t.parseConfig(name, line, string(f.Data))
		case "session":
			err = t.parseSession(name, line, string(f.Data))
		default:
			err = fmt.Errorf("%s:%d: unknown part %q; those are config and session", name, line-1, f.Name)
		}
		if err != nil {
			return nil, err
		}
		line += bytes.Count(f.Data, []byte("\n"))
	}
	if len(t.steps) == 0 {
		return nil, fmt.Errorf("%s: no session; it begins with the line \"-- session --\"", name)
	}
	return t, nil
}

func (t *Transcript) parseSession(name string, first int, text string) error {
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if err := t.parseLine(l, first+i); err != nil {
			return fmt.Errorf("%s:%d: %w", name, first+i, err)
		}
	}
	return nil
}

func (t *Transcript) parseLine(l string, number int) error {
	bare, _, _ := strings.Cut(l, "  #")
	bare = strings.TrimRight(bare, " ")
	if bare == "" || strings.HasPrefix(bare, "#") {
		t.steps = append(t.steps, step{source: l})
		return nil
	}
	kind, rest, _ := strings.Cut(bare, " ")
	switch kind {
	case "?", "!", ">C", ">S", "closed":
		return t.parseOutput(kind, strings.TrimLeft(rest, " "))
	case "C:", "S:", "C*", "S*", "C.", "S.", "TLS":
	default:
		if !t.judged {
			break
		}
		if kind == "V:" {
			return t.parseOutput(kind, strings.TrimLeft(rest, " "))
		}
		return fmt.Errorf("unknown line %q; lines begin with C: S: C* S* C. S. TLS V: >S >C closed ? ! or #", kind)
	}
	st := step{source: l, line: number}
	if err := st.parseInput(kind, rest); err != nil {
		return err
	}
	t.steps = append(t.steps, st)
	return nil
}

func (t *Transcript) parseOutput(kind, rest string) error {
	i := len(t.steps) - 1
	for i >= 0 && t.steps[i].do == nil {
		i--
	}
	if i < 0 {
		return fmt.Errorf("output before any input")
	}
	w := &t.steps[i].want
	t.has[kind] = true
	switch kind {
	case "V:":
		if err := checkExpected(rest); err != nil {
			return err
		}
		w.verdicts = append(w.verdicts, rest)
	case "?":
		w.asked = append(w.asked, rest)
	case "!":
		w.events = append(w.events, rest)
	case "closed":
		w.closed = true
	default:
		data, err := octets(rest)
		if rest == "=" {
			j := i
			for j >= 0 && t.steps[j].send == nil {
				j--
			}
			if j < 0 {
				return fmt.Errorf("= without an input line above")
			}
			data, err = t.steps[j].send.data, nil
		}
		if err != nil {
			return err
		}
		if kind == ">C" {
			w.toClient = append(w.toClient, data...)
		} else {
			w.toSrvr = append(w.toSrvr, data...)
		}
	}
	return nil
}

func (st *step) parseInput(kind, rest string) error {
	side := session.Client
	if strings.HasPrefix(kind, "S") {
		side = session.Server
	}
	switch kind {
	case "C:", "S:":
		data, err := octets(rest)
		if err != nil {
			return err
		}
		st.send = &send{side, data}
		st.do = func(d *driver) { d.feed(side, data) }
	case "C*", "S*":
		count, char, ok := strings.Cut(rest, " ")
		n, err := strconv.Atoi(count)
		if !ok || err != nil || len(char) != 1 {
			return fmt.Errorf("want a count and an octet: %s", rest)
		}
		data := bytes.Repeat([]byte(char), n)
		st.send = &send{side, data}
		st.do = func(d *driver) { d.feed(side, data) }
	case "C.", "S.":
		st.do = func(d *driver) { d.s.EOF(side, nil) }
	case "TLS":
		st.do = func(d *driver) { d.upgrade() }
	case "auto":
		st.do = func(d *driver) { d.auto = true; d.answerAll() }
	case "manual":
		st.do = func(d *driver) { d.auto = false }
	default:
		n := 1
		if v, ok := strings.CutPrefix(kind, "V"); ok && strings.HasSuffix(v, ":") {
			if v != ":" {
				var err error
				if n, err = strconv.Atoi(strings.TrimSuffix(v, ":")); err != nil || n < 1 {
					return fmt.Errorf("%s is not V: or V with a number", kind)
				}
			}
			answer, err := parseVerdict(rest)
			if err != nil {
				return err
			}
			st.do = func(d *driver) { d.answer(n-1, answer) }
			return nil
		}
		return fmt.Errorf("unknown line %q", kind)
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
