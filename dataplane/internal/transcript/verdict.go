package transcript

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// answer is a parsed verdict: what the decider says to a question.
type answer func(session.Question) (*session.Decision, error)

var errNone = errors.New("transcript: no answer")

// fields cuts a line at spaces, but not inside Go's quotes.
func fields(s string) ([]string, error) {
	var out []string
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		i := 0
		for i < len(s) && s[i] != ' ' {
			if s[i] != '"' {
				i++
				continue
			}
			q, err := strconv.QuotedPrefix(s[i:])
			if err != nil {
				return nil, fmt.Errorf("unbalanced quotes: %s", s)
			}
			i += len(q)
		}
		out = append(out, s[:i])
		s = s[i:]
	}
	return out, nil
}

var requests = map[string]session.Req{
	"ACCEPT": session.ReqAccept, "REJECT": session.ReqReject, "DROP": session.ReqDrop,
	"ABORT": session.ReqAbort, "RESPOND": session.ReqRespond, "REWRITE": session.ReqRewrite,
}

var responses = map[string]session.Rsp{
	"ACCEPT": session.RspAccept, "REJECT": session.RspReject, "DROP": session.RspDrop,
	"ABORT": session.RspAbort, "REWRITE": session.RspRewrite, "POLICY": session.RspPolicy,
}

var states = map[string]syntax.State{
	"not_authenticated": syntax.NotAuthenticated, "authenticated": syntax.Authenticated,
	"selected": syntax.Selected, "logout": syntax.Logout,
}

func parseVerdict(text string) (answer, error) {
	words, err := fields(text)
	if err != nil || len(words) == 0 {
		return nil, fmt.Errorf("want a verdict: %q %v", text, err)
	}
	verdict, words := words[0], words[1:]
	if verdict == "NONE" {
		return func(session.Question) (*session.Decision, error) { return nil, errNone }, nil
	}
	d := session.Decision{ID: "d", Revision: "r", Row: "row"}
	var texts [][]byte
	var drop []string
	for _, w := range words {
		key, value, isPair := strings.Cut(w, "=")
		switch {
		case w[0] == '"':
			u, err := strconv.Unquote(w)
			if err != nil {
				return nil, err
			}
			texts = append(texts, []byte(u))
		case isPair && (key == "old" || key == "new"):
			st, ok := states[value]
			if !ok {
				return nil, fmt.Errorf("unknown state %q", value)
			}
			if key == "old" {
				d.Old = st
			} else {
				d.New = st
			}
		case isPair && key == "drop":
			drop = strings.Split(value, ",")
		case isPair:
			row, err := parseRow(key, value)
			if err != nil {
				return nil, err
			}
			d.Rows = append(d.Rows, row)
		default:
			d.Code = []byte(w)
		}
	}
	if d.Rows == nil {
		d.Rows = []session.Row{{Tagged: true, Untagged: true, Name: "*", Verdict: session.RspAccept}}
	}
	var isReq, isRsp bool
	if verdict == "ERROR" {
		d.Fault = &session.Fault{Kind: "row", Message: string(slices.Concat(texts...))}
		isReq, isRsp = true, true
	} else {
		d.Request, isReq = requests[verdict]
		d.Response, isRsp = responses[verdict]
	}
	if !isReq && !isRsp {
		return nil, fmt.Errorf("unknown verdict %q", verdict)
	}
	if len(texts) > 0 {
		d.Text, d.Untagged = texts[0], texts[1:]
	}
	return func(q session.Question) (*session.Decision, error) {
		d := d
		if q.Kind == session.Command {
			d.Response = 0
		} else {
			d.Request = 0
		}
		for _, c := range q.Capabilities {
			d.Capabilities = append(d.Capabilities, !slices.Contains(drop, c))
		}
		return &d, nil
	}, nil
}

// parseRow reads TAG/NAME=VERDICT or TAG/NAME=VERDICT("text").
func parseRow(key, value string) (session.Row, error) {
	tag, name, ok := strings.Cut(key, "/")
	verdict, text, hasText := strings.Cut(value, "(")
	row := session.Row{
		Tagged: tag == "TAGGED" || tag == "*", Untagged: tag == "UNTAGGED" || tag == "*",
		Name: name, Verdict: responses[verdict],
	}
	if hasText {
		u, err := strconv.Unquote(strings.TrimSuffix(text, ")"))
		if err != nil {
			return row, fmt.Errorf("row %s=%s: %w", key, value, err)
		}
		row.Text = []byte(u)
	}
	if !ok || !row.Tagged && !row.Untagged || row.Verdict == 0 {
		return row, fmt.Errorf("malformed row %s=%s", key, value)
	}
	return row, nil
}
