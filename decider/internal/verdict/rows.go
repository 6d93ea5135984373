package verdict

import (
	"cmp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// rows flattens the response table's rows for one command ("own") and for any ("any"), in the seed's order of relaxation:
// the command dominates, then the tag, then the name.
func (p *parser) rows(command string, own, any ast.Value) *Fault {
	for _, table := range []struct {
		command string
		rows    ast.Value
	}{{command, own}, {"*", any}} {
		if table.rows == nil {
			continue
		}
		rows, fault := flatten(table.command, table.rows)
		if fault != nil {
			return fault
		}
		p.decision.Rows = append(p.decision.Rows, rows...)
	}
	return nil
}

// flatten gives the rows of one command's table, sorted.
func flatten(command string, table ast.Value) ([]*deciderv1.ResponseRow, *Fault) {
	path := []string{"response", command}
	tags, ok := table.(ast.Object)
	if !ok {
		return nil, rowFault(path, table, `%s is not a table: rows are response[command]["TAGGED", "UNTAGGED" or "ALL"][name]`, show(table))
	}
	var rows []*deciderv1.ResponseRow
	if fault := eachMember(path, tags, func(path []string, key string, v ast.Value) *Fault {
		tag, ok := tagOf(key)
		if !ok {
			return rowFault(path, v, `%q is not "TAGGED", "UNTAGGED", "ALL" or "*"`, key)
		}
		names, ok := v.(ast.Object)
		if !ok {
			return rowFault(path, v, "%s is not a table: rows are response[command][tag][name]", show(v))
		}
		return eachMember(path, names, func(path []string, name string, v ast.Value) *Fault {
			row, fault := keptRow(path, v)
			if fault != nil {
				return fault
			}
			if fault := checkName(path, name, v); fault != nil {
				return fault
			}
			row.ExactCommand, row.Tag, row.Name = command != "*", tag, name
			rows = append(rows, row)
			return nil
		})
	}); fault != nil {
		return nil, fault
	}
	slices.SortFunc(rows, relaxation)
	for i := 1; i < len(rows); i++ {
		if rows[i].Tag == rows[i-1].Tag && rows[i].Name == rows[i-1].Name {
			return nil, rowFault([]string{"response", command, "ALL", rows[i].Name}, nil, `stands beside a row for "*", which means the same`)
		}
	}
	return rows, nil
}

// checkName checks the name of a response that a row stands under.
func checkName(path []string, name string, v ast.Value) *Fault {
	if name != strings.ToUpper(name) || name == "" {
		return rowFault(path, v, "%q is not a response name in upper case", name)
	}
	return nil
}

// relaxation orders the rows of one command: a row for one tag before one for all, then a row for a name before one for
// any. What is left decides nothing, and is for a stable order.
func relaxation(a, b *deciderv1.ResponseRow) int {
	all := deciderv1.ImapTag_IMAP_TAG_ALL
	return cmp.Or(
		relaxed(a.Tag == all, b.Tag == all),
		relaxed(a.Name == "*", b.Name == "*"),
		cmp.Compare(a.Tag, b.Tag),
		cmp.Compare(a.Name, b.Name),
	)
}

func relaxed(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func tagOf(key string) (deciderv1.ImapTag, bool) {
	switch key {
	case "TAGGED":
		return deciderv1.ImapTag_IMAP_TAG_TAGGED, true
	case "UNTAGGED":
		return deciderv1.ImapTag_IMAP_TAG_UNTAGGED, true
	case "ALL", "*":
		return deciderv1.ImapTag_IMAP_TAG_ALL, true
	}
	return 0, false
}

// keptRow is a row's verdict and text, to be applied later by the dataplane.
func keptRow(path []string, v ast.Value) (*deciderv1.ResponseRow, *Fault) {
	f, ok := formOf(v)
	if !ok {
		return nil, rowFault(path, v, "%s is not a verdict on a response, nor an array that begins with one", show(v))
	}
	rsp, ok := responseVerdict(f.name)
	if !ok {
		return nil, notOnResponse(path, v, f)
	}
	row := &deciderv1.ResponseRow{Verdict: rsp}
	switch rsp {
	case deciderv1.ImapRsp_IMAP_RSP_REWRITE:
		text, fault := rewriteText(path, v, f)
		row.Text = text
		return row, fault
	case deciderv1.ImapRsp_IMAP_RSP_POLICY:
		return row, policyRow(path, v, f)
	case deciderv1.ImapRsp_IMAP_RSP_REJECT:
		if len(f.rest) == 0 {
			return row, nil
		}
		text, ok := f.text(0)
		if !ok || len(f.rest) != 1 {
			return nil, rowFault(path, v, "%s wants [%s, text]; a code takes a function", f.name, f.name)
		}
		if err := checkText(text); err != nil {
			return nil, rowFault(path, v, "text %q %v", text, err)
		}
		row.Text = []byte(text)
		return row, nil
	}
	return row, bare(path, v, f)
}

// eachMember calls f for each member of a table, in order of keys, until it returns a fault.
func eachMember(path []string, table ast.Object, f func(path []string, key string, v ast.Value) *Fault) *Fault {
	for _, k := range table.Keys() {
		key, ok := k.Value.(ast.String)
		v := table.Get(k)
		if !ok {
			return rowFault(path, v.Value, "%s is not a string, as keys must be", show(k.Value))
		}
		below := append(slices.Clip(slices.Clone(path)), string(key))
		if fault := f(below, string(key), v.Value); fault != nil {
			return fault
		}
	}
	return nil
}
