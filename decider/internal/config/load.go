package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load reads a file. The result is not validated, so that flags can change it first; Lines tells Validate where fields
// stand. The error is of type Problems, except where the file cannot be read.
func Load(name string) (*Config, Lines, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, Lines{}, fmt.Errorf("config: %w", err)
	}
	return parse(name, data)
}

func parse(name string, data []byte) (*Config, Lines, error) {
	lines := Lines{file: name}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, lines, decodeProblems(lines, err)
	}
	lines.root = &root
	c := Default()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, lines, decodeProblems(lines, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, lines, Problems{{File: name, Text: "holds more than one YAML document"}}
	}
	c.resolve(filepath.Dir(name))
	return c, lines, nil
}

// resolve puts relative file names under dir.
func (c *Config) resolve(dir string) {
	names := []*string{&c.Policy, &c.OPAConfig, &c.TLS.Certificate, &c.TLS.Key, &c.TLS.ClientCA, &c.Shadow.Policy, &c.Shadow.OPAConfig,
		&c.Tracing.CA, &c.Tracing.Certificate, &c.Tracing.Key}
	if c.DecisionLog.File != nil {
		names = append(names, &c.DecisionLog.File.Path)
	}
	for _, n := range names {
		if *n != "" && !filepath.IsAbs(*n) {
			*n = filepath.Join(dir, *n)
		}
	}
}

// Lines knows where the fields of a file stand. The zero value is for a configuration without one.
type Lines struct {
	file string
	root *yaml.Node
}

// of is the line of a field, or of the innermost block around it that the file has; 0: none.
func (l Lines) of(field string) int {
	line := 0
	n := l.root
	if n == nil || len(n.Content) == 0 {
		return 0
	}
	n = n.Content[0]
	for key := range strings.SplitSeq(field, ".") {
		key, index, inList := strings.Cut(strings.TrimSuffix(key, "]"), "[")
		value := (*yaml.Node)(nil)
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				line, value = n.Content[i].Line, n.Content[i+1]
			}
		}
		if value == nil {
			return line
		}
		if i, err := strconv.Atoi(index); inList && err == nil && i < len(value.Content) {
			value = value.Content[i]
			line = value.Line
		}
		n = value
	}
	return line
}

var (
	lineText     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (.*) not found in type .*$`)
	wrongType    = regexp.MustCompile("^cannot unmarshal !!\\w+ (?:`(.*)` )?into (.*)$")
)

// decodeProblems gives what the YAML decoder found the form of Problems.
func decodeProblems(lines Lines, err error) Problems {
	texts := []string{err.Error()}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		texts = typed.Errors
	}
	ps := make(Problems, len(texts))
	for i, text := range texts {
		p := Problem{File: lines.file, Text: strings.TrimPrefix(text, "yaml: ")}
		if m := lineText.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Text = m[2]
		}
		if m := unknownField.FindStringSubmatch(p.Text); m != nil {
			p.Field, p.Text = m[1], "unknown field"
		} else if m := wrongType.FindStringSubmatch(p.Text); m != nil {
			p.Field, p.Text = lines.named(p.Line), strconv.Quote(m[1])+" is not "+wanted(m[2])
		}
		ps[i] = p
	}
	return ps
}

// named is the name of the field that begins on the line.
func (l Lines) named(line int) string {
	var find func(n *yaml.Node, path string) string
	find = func(n *yaml.Node, path string) string {
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			at := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			if below := find(n.Content[i+1], at); below != "" {
				return below
			}
			if n.Content[i].Line == line {
				return at
			}
		}
		return ""
	}
	if l.root == nil || len(l.root.Content) == 0 {
		return ""
	}
	return find(l.root.Content[0], "")
}

// wanted says what a value should have been.
func wanted(goType string) string {
	switch {
	case goType == "time.Duration":
		return "a duration such as 100ms or 10m"
	case goType == "int":
		return "a whole number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a text"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "a block of fields"
}
