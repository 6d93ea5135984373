package verdict

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// The members of data.imap.main.decision.
var (
	keyRow          = ast.StringTerm("row")
	keyValue        = ast.StringTerm("value")
	keyRule         = ast.StringTerm("rule")
	keyResponses    = ast.StringTerm("responses")
	keyOwn          = ast.StringTerm("own")
	keyAny          = ast.StringTerm("any")
	keyCapabilities = ast.StringTerm("capabilities")
	keyName         = ast.StringTerm("name")
	keyStateOld     = ast.StringTerm("imap_state_old")
	keyStateNew     = ast.StringTerm("imap_state_new")
	keyReason       = ast.StringTerm("reason")
	keyLease        = ast.StringTerm("lease")
	keyNoStore      = ast.StringTerm("no_store")
)

// parser collects the decision.
type parser struct {
	decision *deciderv1.Decision
}

// Parse reads the decision on q into d. On a fault d has row and rule, as far as they are known, and nothing else is to be
// used.
func Parse(q *deciderv1.Question, result ast.Value, d *deciderv1.Decision) *Fault {
	doc, ok := result.(ast.Object)
	if !ok {
		return libraryFault("the decision is %s and not an object", show(result))
	}
	p := &parser{decision: d}
	if fault := p.verdict(q, doc); fault != nil {
		return fault
	}
	if r, ok := member(doc, keyResponses).(ast.Object); ok {
		if fault := p.rows(rowsFor(q), member(r, keyOwn), member(r, keyAny)); fault != nil {
			return fault
		}
	}
	if fault := p.capabilities(askedCapabilities(q), member(doc, keyCapabilities)); fault != nil {
		return fault
	}
	if fault := p.states(doc); fault != nil {
		return fault
	}
	if fault := p.reason(member(doc, keyReason)); fault != nil {
		return fault
	}
	return p.reuse(member(doc, keyLease), member(doc, keyNoStore))
}

// verdict reads row, rule and value.
func (p *parser) verdict(q *deciderv1.Question, doc ast.Object) *Fault {
	path, fault := pathOf(member(doc, keyRow))
	if fault != nil {
		return fault
	}
	p.decision.Row = Reference(path)
	_, isCommand := q.GetEvent().(*deciderv1.Question_Command)
	if len(path) == 0 {
		// No row, and none for "*": denied.
		if isCommand {
			p.decision.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_REJECT}
		} else {
			p.decision.Verdict = &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_REJECT}
		}
		return nil
	}
	if rule := member(doc, keyRule); rule != nil {
		name, ok := rule.(ast.String)
		if !ok {
			return rowFault(path, rule, "%s is not the name of a function", show(rule))
		}
		p.decision.Rule = string(name)
	}
	value := member(doc, keyValue)
	if value == nil {
		if p.decision.GetRule() == "" {
			return libraryFault("the library found %s and no value in it", p.decision.GetRow())
		}
		return &Fault{
			Kind:    deciderv1.PolicyErrorKind_POLICY_ERROR_KIND_UNDEFINED,
			Message: "is undefined for this event",
			Path:    path,
			Rule:    p.decision.GetRule(),
		}
	}
	if isCommand {
		fault = p.request(path, value)
	} else {
		fault = p.response(path, value, q.GetGreeting() != nil)
	}
	if fault != nil {
		fault.Rule = p.decision.GetRule()
	}
	return fault
}

// states reads the state override.
func (p *parser) states(doc ast.Object) *Fault {
	for _, s := range []struct {
		key *ast.Term
		set *deciderv1.ImapState
	}{
		{keyStateOld, &p.decision.ImapStateOld},
		{keyStateNew, &p.decision.ImapStateNew},
	} {
		v := member(doc, s.key)
		if v == nil {
			continue
		}
		path := []string{string(s.key.Value.(ast.String))}
		name, _ := v.(ast.String)
		state, ok := stateOf(string(name))
		if !ok {
			return rowFault(path, v, "%s is not a state; those are not_authenticated, authenticated, selected and logout", show(v))
		}
		*s.set = state
	}
	return nil
}

func stateOf(name string) (deciderv1.ImapState, bool) {
	switch name {
	case "not_authenticated":
		return deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED, true
	case "authenticated":
		return deciderv1.ImapState_IMAP_STATE_AUTHENTICATED, true
	case "selected":
		return deciderv1.ImapState_IMAP_STATE_SELECTED, true
	case "logout":
		return deciderv1.ImapState_IMAP_STATE_LOGOUT, true
	}
	return 0, false
}

func (p *parser) reason(v ast.Value) *Fault {
	if v == nil {
		return nil
	}
	reason, ok := v.(ast.String)
	if !ok || len(reason) > maxText {
		return rowFault([]string{"reason"}, v, "%s is not a string of at most %d octets", show(v), maxText)
	}
	p.decision.Reason = string(reason)
	return nil
}

// rowsFor is the command that the rows of a decision's responses are for.
func rowsFor(q *deciderv1.Question) string {
	if c := q.GetCommand(); c != nil {
		return c.GetName()
	}
	return "UNSOLICITED"
}

func askedCapabilities(q *deciderv1.Question) []string {
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Greeting:
		return e.Greeting.GetCapabilities()
	case *deciderv1.Question_Untagged:
		return e.Untagged.GetResponse().GetCapabilities()
	case *deciderv1.Question_Tagged:
		return e.Tagged.GetResponse().GetCapabilities()
	}
	return nil
}

// member is the value at key; nil: there is none.
func member(o ast.Object, key *ast.Term) ast.Value {
	if t := o.Get(key); t != nil {
		return t.Value
	}
	return nil
}

// pathOf reads the row's path.
func pathOf(v ast.Value) ([]string, *Fault) {
	list, ok := v.(*ast.Array)
	if !ok {
		return nil, libraryFault("the library names no row")
	}
	path := make([]string, list.Len())
	for i := range path {
		s, ok := list.Elem(i).Value.(ast.String)
		if !ok {
			return nil, libraryFault("the library names the row %s", show(v))
		}
		path[i] = string(s)
	}
	return path, nil
}
