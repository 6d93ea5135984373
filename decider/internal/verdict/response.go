package verdict

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

const (
	rspPolicy = "IMAP_RSP_POLICY"
	rspPrefix = "IMAP_RSP_"
	reqPrefix = "IMAP_REQ_"
)

// response is the verdict of a row for responses, on a response that is here now.
func (p *parser) response(path []string, v ast.Value, greeting bool) *Fault {
	f, ok := formOf(v)
	if !ok {
		return rowFault(path, v, "%s is not a verdict on a response, nor an array that begins with one", show(v))
	}
	if greeting {
		f.name = asRsp(f.name)
		if f.name == "IMAP_RSP_REWRITE" && len(f.rest) == 2 {
			return p.greetingRewrite(path, v, f)
		}
	}
	if f.name == rspPolicy {
		return p.unresolved(path, v, f)
	}
	rsp, ok := responseVerdict(f.name)
	if !ok {
		return notOnResponse(path, v, f)
	}
	p.decision.Verdict = &deciderv1.Decision_Response{Response: rsp}
	switch rsp {
	case deciderv1.ImapRsp_IMAP_RSP_REJECT:
		return p.reject(path, v, f)
	case deciderv1.ImapRsp_IMAP_RSP_REWRITE:
		text, fault := rewriteText(path, v, f)
		p.decision.Text = text
		return fault
	}
	return bare(path, v, f)
}

// asRsp reads a verdict's name in the place of a greeting, where the seed writes IMAP_REQ_.
func asRsp(name string) string {
	if n, ok := strings.CutPrefix(name, reqPrefix); ok {
		return rspPrefix + n
	}
	return name
}

func responseVerdict(name string) (deciderv1.ImapRsp, bool) {
	code := deciderv1.ImapRsp_value[name]
	return deciderv1.ImapRsp(code), code != 0
}

func notOnResponse(path []string, v ast.Value, f form) *Fault {
	return rowFault(path, v, "%q is not a verdict on a response; those are "+
		"IMAP_RSP_ACCEPT, _REJECT, _DROP, _ABORT, _REWRITE and _POLICY", f.name)
}

// greetingRewrite reads the seed's [REWRITE, verdict, text]: the verdict on the rewritten greeting, then its text.
func (p *parser) greetingRewrite(path []string, v ast.Value, f form) *Fault {
	name, nameOK := f.text(0)
	text, textOK := f.text(1)
	if !nameOK || !textOK {
		return rowFault(path, v, "IMAP_REQ_REWRITE wants [IMAP_REQ_REWRITE, verdict, text]")
	}
	rsp, _ := responseVerdict(asRsp(name))
	switch rsp {
	case deciderv1.ImapRsp_IMAP_RSP_ACCEPT:
		rsp = deciderv1.ImapRsp_IMAP_RSP_REWRITE
	case deciderv1.ImapRsp_IMAP_RSP_REJECT, deciderv1.ImapRsp_IMAP_RSP_DROP, deciderv1.ImapRsp_IMAP_RSP_ABORT:
	default:
		return rowFault(path, v, "%q is not a verdict on a rewritten greeting; those are IMAP_REQ_ACCEPT, _REJECT, _DROP and _ABORT", name)
	}
	p.decision.Verdict = &deciderv1.Decision_Response{Response: rsp}
	if err := checkText(text); err != nil {
		return rowFault(path, v, "text %q %v", text, err)
	}
	p.decision.Text = []byte(text)
	return nil
}

// rewriteText reads [REWRITE, text].
func rewriteText(path []string, v ast.Value, f form) ([]byte, *Fault) {
	text, ok := f.text(0)
	if !ok || len(f.rest) != 1 {
		return nil, rowFault(path, v, "%s wants [%s, text]", f.name, f.name)
	}
	if err := checkLine(text, maxLine); err != nil {
		return nil, rowFault(path, v, "text %q %v", text, err)
	}
	if text == "" {
		return nil, rowFault(path, v, "text is empty")
	}
	return []byte(text), nil
}
