package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load reads and validates the file. An error is of type Problems, except where the file cannot be read.
func Load(name string) (*Config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return Parse(name, data)
}

// Parse is Load for a file that was read. The name is for errors and the folder.
func Parse(name string, data []byte) (*Config, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, problems(name, nil, err)
	}
	c := Default()
	where := locate(&root)
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, problems(name, where, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, Problems{{File: name, Text: "holds more than one YAML document"}}
	}
	c.resolve(filepath.Dir(name))

	var found Problems
	if err := c.Validate(); errors.As(err, &found) {
		for i := range found {
			found[i].File, found[i].Line = name, where.line(found[i].Field)
		}
		slices.SortStableFunc(found, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, found
	}
	return c, nil
}

// resolve makes the names of files absolute.
func (c *Config) resolve(dir string) {
	abs := func(names ...*string) {
		for _, n := range names {
			if *n != "" && !filepath.IsAbs(*n) {
				*n = filepath.Join(dir, *n)
			}
		}
	}
	client := func(t *ClientTLS) { abs(&t.CA, &t.Certificate, &t.Key) }
	for i := range c.Listeners {
		l := &c.Listeners[i]
		abs(&l.TLS.ClientCA)
		for j := range l.TLS.Certificates {
			abs(&l.TLS.Certificates[j].Certificate, &l.TLS.Certificates[j].Key)
		}
		if l.Upstream != nil {
			client(&l.Upstream.TLS)
		}
	}
	client(&c.Upstream.TLS)
	client(&c.Decider.TLS)
	abs(&c.Tracing.CA, &c.Tracing.Certificate, &c.Tracing.Key)
}

var (
	lineText     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (.*) not found in type .*$`)
	wrongType    = regexp.MustCompile("^cannot unmarshal !!\\w+ (?:`(.*)` )?into (.*)$")
)

// problems gives what the YAML decoder found the form of a Problem.
func problems(name string, where positions, err error) Problems {
	texts := []string{err.Error()}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		texts = typed.Errors
	}
	ps := make(Problems, len(texts))
	for i, text := range texts {
		p := Problem{File: name, Text: strings.TrimPrefix(text, "yaml: ")}
		if m := lineText.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Text = m[2]
		}
		if m := unknownField.FindStringSubmatch(p.Text); m != nil {
			p.Field = where.named(p.Line, m[1])
			p.Text = "unknown field"
		} else if m := wrongType.FindStringSubmatch(p.Text); m != nil {
			p.Field = where.valued(p.Line, strings.TrimSuffix(m[1], "..."))
			p.Text = wrong(m[1], m[2])
		} else {
			p.Field = where.valued(p.Line, "")
		}
		ps[i] = p
	}
	return ps
}

// wrong says what a value should have been.
func wrong(value, goType string) string {
	want := goType
	switch {
	case goType == "time.Duration":
		want = "a duration such as 250ms or 31m"
	case goType == "int":
		want = "a whole number"
	case goType == "float64":
		want = "a number"
	case goType == "config.Size":
		want = "a size such as 4096, 64KiB or 1GiB"
	case goType == "bool":
		want = "true or false"
	case goType == "string":
		want = "a text"
	case strings.HasPrefix(goType, "[]"):
		want = "a list"
	case strings.HasPrefix(goType, "config."):
		want = "a block of fields"
	}
	if value == "" {
		return "not " + want
	}
	return strconv.Quote(value) + " is not " + want
}
