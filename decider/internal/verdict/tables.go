package verdict

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// CheckTables finds the malformed rows of a policy before they decide anything. tables is data.imap.policy as it is without
// an input: rows that depend on one are checked when they decide.
func CheckTables(tables ast.Value) []*Fault {
	doc, ok := tables.(ast.Object)
	if !ok {
		return nil
	}
	var faults []*Fault
	each := func(table string, check func(path []string, key string, v ast.Value) *Fault) {
		v := member(doc, ast.StringTerm(table))
		if v == nil {
			return
		}
		path := []string{table}
		rows, ok := v.(ast.Object)
		if !ok {
			faults = append(faults, rowFault(path, v, "%s is not a table", show(v)))
			return
		}
		if fault := eachMember(path, rows, func(path []string, key string, v ast.Value) *Fault {
			if fault := check(path, key, v); fault != nil {
				faults = append(faults, fault)
			}
			return nil
		}); fault != nil {
			faults = append(faults, fault)
		}
	}
	each("request", checkRequestRow)
	each("response", checkResponseRows)
	each("capability", func(path []string, _ string, v ast.Value) *Fault {
		_, fault := capability(path, v)
		return fault
	})
	return faults
}

func checkRequestRow(path []string, key string, v ast.Value) *Fault {
	if key != strings.ToUpper(key) {
		return rowFault(path, v, "%q is not a command's name in upper case", key)
	}
	if f, ok := formOf(v); ok && f.name == requestPolicy {
		return policyRow(path, v, f)
	}
	p := &parser{decision: new(deciderv1.Decision)}
	return p.request(path, v)
}

// checkResponseRows checks one command's rows. A greeting's are not kept but decide at once, in their own forms.
func checkResponseRows(path []string, command string, v ast.Value) *Fault {
	if command != "GREETING" {
		_, fault := flatten(command, v)
		return fault
	}
	tags, ok := v.(ast.Object)
	if !ok {
		return rowFault(path, v, "%s is not a table", show(v))
	}
	return eachMember(path, tags, func(path []string, key string, v ast.Value) *Fault {
		names, ok := v.(ast.Object)
		if _, isTag := tagOf(key); !ok || !isTag {
			return rowFault(path, v, `is not a table under "TAGGED", "UNTAGGED", "ALL" or "*"`)
		}
		return eachMember(path, names, func(path []string, _ string, v ast.Value) *Fault {
			if f, ok := formOf(v); ok && asRsp(f.name) == rspPolicy {
				return policyRow(path, v, f)
			}
			p := &parser{decision: new(deciderv1.Decision)}
			return p.response(path, v, true)
		})
	})
}
