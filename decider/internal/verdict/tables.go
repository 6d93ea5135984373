package verdict

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// CheckTables finds the malformed rows of a policy before they decide anything. tables is data.imap.policy as it is without
// an input: rows that depend on one are checked when they decide. defines tells if the policy has a function of that name.
func CheckTables(tables ast.Value, defines func(function string) bool) []*Fault {
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
			fault := checkKey(path, key, v)
			if fault == nil {
				fault = check(path, key, v)
			}
			if fault == nil {
				fault = checkCalls(path, v, defines)
			}
			if fault != nil {
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

// checkKey checks the name that a row, or a command's rows, stand under. Names come in upper case: under any other the row would
// never be found.
func checkKey(path []string, key string, v ast.Value) *Fault {
	what := map[string]string{"request": "a command's", "response": "a command's", "capability": "a capability's"}[path[0]]
	switch upper := strings.ToUpper(key); {
	case key == "":
		return rowFault(path, v, "%q is not %s name", key, what)
	case key != upper:
		return rowFault(path, v, "%q is not %s name in upper case; write %q", key, what, upper)
	}
	return nil
}

// checkCalls checks that the functions are there that a row, or the rows below it, call.
func checkCalls(path []string, v ast.Value, defines func(string) bool) *Fault {
	if below, ok := v.(ast.Object); ok {
		return eachMember(path, below, func(path []string, _ string, v ast.Value) *Fault {
			return checkCalls(path, v, defines)
		})
	}
	f, _ := formOf(v)
	if name, ok := f.text(0); ok && asRsp(f.name) == rspPolicy && !defines(name) {
		return rowFault(path, v, "there is no functions[%q] to call", name)
	}
	return nil
}

func checkRequestRow(path []string, _ string, v ast.Value) *Fault {
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
		return eachMember(path, names, func(path []string, name string, v ast.Value) *Fault {
			if fault := checkName(path, name, v); fault != nil {
				return fault
			}
			if f, ok := formOf(v); ok && asRsp(f.name) == rspPolicy {
				return policyRow(path, v, f)
			}
			p := &parser{decision: new(deciderv1.Decision)}
			return p.response(path, v, true)
		})
	})
}
