package config

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// position is where a field stands.
type position struct {
	field string
	line  int
	// value is a scalar's text.
	value string
}

// positions are those of all fields of a file, in its order.
type positions []position

// locate walks the tree.
func locate(root *yaml.Node) positions {
	var ps positions
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		switch n.Kind {
		case yaml.DocumentNode:
			for _, c := range n.Content {
				walk(c, path)
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				key := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
				ps = append(ps, position{key, n.Content[i].Line, n.Content[i+1].Value})
				walk(n.Content[i+1], key)
			}
		case yaml.SequenceNode:
			for i, c := range n.Content {
				item := path + "[" + strconv.Itoa(i) + "]"
				ps = append(ps, position{item, c.Line, c.Value})
				walk(c, item)
			}
		}
	}
	walk(root, "")
	return ps
}

// line is the field's line, or that of the innermost block around it that the file has; 0: none.
func (ps positions) line(field string) int {
	for field != "" {
		for _, p := range ps {
			if p.field == field {
				return p.line
			}
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 0
}

// named is the path of the field of that name that begins on the line.
func (ps positions) named(line int, name string) string {
	for _, p := range ps {
		if p.line == line && (p.field == name || strings.HasSuffix(p.field, "."+name)) {
			return p.field
		}
	}
	return name
}

// valued is the path of the first field on the line whose value begins like that: every value for "".
func (ps positions) valued(line int, value string) string {
	for _, p := range ps {
		if p.line == line && strings.HasPrefix(p.value, value) {
			return p.field
		}
	}
	return ""
}
