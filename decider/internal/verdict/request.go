package verdict

import (
	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const requestPolicy = "IMAP_REQ_POLICY"

// request is the verdict of a row for commands.
func (p *parser) request(path []string, v ast.Value) *Fault {
	f, ok := formOf(v)
	if !ok {
		return rowFault(path, v, "%s is not a verdict on a command, nor an array that begins with one", show(v))
	}
	d := p.decision
	code, ok := deciderv1.ImapReq_value[f.name]
	if f.name == requestPolicy {
		return p.unresolved(path, v, f)
	}
	if !ok || code == 0 {
		return rowFault(path, v, "%q is not a verdict on a command; those are "+
			"IMAP_REQ_ACCEPT, _REJECT, _DROP, _ABORT, _RESPOND, _REWRITE and _POLICY", f.name)
	}
	req := deciderv1.ImapReq(code)
	d.Verdict = &deciderv1.Decision_Request{Request: req}
	switch req {
	case deciderv1.ImapReq_IMAP_REQ_REJECT:
		return p.reject(path, v, f)
	case deciderv1.ImapReq_IMAP_REQ_RESPOND:
		return p.respond(path, v, f)
	case deciderv1.ImapReq_IMAP_REQ_REWRITE:
		text, ok := f.text(0)
		if !ok || len(f.rest) != 1 {
			return rowFault(path, v, "%s wants [%s, command]", f.name, f.name)
		}
		if err := checkCommand(text); err != nil {
			return rowFault(path, v, "command %q %v", text, err)
		}
		d.Text = []byte(text)
		return nil
	}
	return bare(path, v, f)
}

// bare is for verdicts that take nothing behind them.
func bare(path []string, v ast.Value, f form) *Fault {
	if len(f.rest) != 0 {
		return rowFault(path, v, "%s takes nothing behind it", f.name)
	}
	return nil
}

// reject reads the optional text and code behind a REJECT.
func (p *parser) reject(path []string, v ast.Value, f form) *Fault {
	if len(f.rest) == 0 {
		return nil
	}
	text, ok := f.text(0)
	code, withCode := f.text(1)
	if !ok || len(f.rest) > 2 || len(f.rest) == 2 && !withCode {
		return rowFault(path, v, "%s wants [%s, text] or [%s, text, code]", f.name, f.name, f.name)
	}
	if err := checkText(text); err != nil {
		return rowFault(path, v, "text %q %v", text, err)
	}
	p.decision.Text = []byte(text)
	if !withCode {
		return nil
	}
	if err := checkCode(code); err != nil {
		return rowFault(path, v, "code %q %v", code, err)
	}
	p.decision.Code = []byte(code)
	return nil
}

// respond reads the tagged text and the untagged lines behind a RESPOND.
func (p *parser) respond(path []string, v ast.Value, f form) *Fault {
	tagged, ok := f.text(0)
	lines, linesOK := f.lines(1)
	if !ok || !linesOK || len(f.rest) != 2 {
		return rowFault(path, v, "%s wants [%s, tagged line, [untagged line, ...]]", f.name, f.name)
	}
	if err := checkLine(tagged, maxLine); err != nil {
		return rowFault(path, v, "tagged line %q %v", tagged, err)
	}
	if err := checkStatus(tagged, "OK NO BAD"); err != nil {
		return rowFault(path, v, "tagged line %q %v", tagged, err)
	}
	if len(lines) > maxUntagged {
		return rowFault(path, v, "%d untagged lines, at most %d are allowed", len(lines), maxUntagged)
	}
	p.decision.Text = []byte(tagged)
	for _, line := range lines {
		if err := checkUntagged(line); err != nil {
			return rowFault(path, v, "untagged line %q %v", line, err)
		}
		p.decision.Untagged = append(p.decision.Untagged, []byte(line))
	}
	return nil
}

// unresolved is a POLICY row that the library did not resolve, or a function that returned one.
func (p *parser) unresolved(path []string, v ast.Value, f form) *Fault {
	if p.decision.GetRule() != "" {
		return rowFault(path, v, "returned %s, but must decide itself", f.name)
	}
	if fault := policyRow(path, v, f); fault != nil {
		return fault
	}
	return libraryFault("the library did not call the function of %s", Reference(path))
}

// policyRow checks [POLICY, function].
func policyRow(path []string, v ast.Value, f form) *Fault {
	if name, ok := f.text(0); !ok || name == "" || len(f.rest) != 1 {
		return rowFault(path, v, "%s wants [%s, function], with the name of one", f.name, f.name)
	}
	return nil
}
