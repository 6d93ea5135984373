package verdict

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// capability is the verdict of a row for capabilities.
func capability(path []string, v ast.Value) (deciderv1.ImapCap, *Fault) {
	f, ok := formOf(v)
	if !ok {
		return 0, rowFault(path, v, "%s is not a verdict on a capability", show(v))
	}
	code := deciderv1.ImapCap_value[f.name]
	if code == 0 {
		return 0, rowFault(path, v, "%q is not a verdict on a capability; those are IMAP_CAP_ACCEPT and IMAP_CAP_DROP", f.name)
	}
	return deciderv1.ImapCap(code), bare(path, v, f)
}

// capabilities reads the verdicts on the question's capabilities: one for each, in the same order. One without a row is
// dropped.
func (p *parser) capabilities(asked []string, v ast.Value) *Fault {
	if len(asked) == 0 {
		return nil
	}
	list, ok := v.(*ast.Array)
	if !ok || list.Len() != len(asked) {
		return libraryFault("the library judged other capabilities than were asked about")
	}
	for i, name := range asked {
		item, ok := list.Elem(i).Value.(ast.Object)
		if !ok || !isString(member(item, keyName), name) {
			return libraryFault("the library judged other capabilities than were asked about")
		}
		verdict := deciderv1.ImapCap_IMAP_CAP_DROP
		if row := member(item, keyValue); row != nil {
			path, fault := pathOf(member(item, keyRow))
			if fault != nil {
				return fault
			}
			if verdict, fault = capability(path, row); fault != nil {
				return fault
			}
		}
		p.decision.Capabilities = append(p.decision.Capabilities, &deciderv1.CapabilityVerdict{Name: name, Verdict: verdict})
	}
	return nil
}

func isString(v ast.Value, want string) bool {
	s, ok := v.(ast.String)
	return ok && string(s) == want
}
