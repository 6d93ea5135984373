package session

import "bytes"

// toClient writes a line of the dataplane's own. It waits for the end of a response that is on its way.
func (s *Session) toClient(line string) {
	if s.server.partial {
		s.server.behind = append(s.server.behind, line...)
		return
	}
	s.out[Client] = append(s.out[Client], line...)
}

func (s *Session) toServer(b []byte) { s.out[Server] = append(s.out[Server], b...) }

// refusal is the tagged NO of a REJECT; d is the decision.
func (s *Session) refusal(code, text []byte, d *Decision) string {
	if len(code) == 0 {
		code = []byte("NOPERM")
	}
	if len(text) == 0 {
		text = []byte("refused by policy")
	}
	return "NO [" + string(code) + "] " + string(text) + s.reference(d)
}

// bye is the text of a BYE that d calls for, if it has none of its own.
func (s *Session) bye(text []byte, otherwise string, d *Decision) string {
	if len(text) == 0 {
		text = []byte(otherwise)
	}
	return "[NOPERM] " + string(text) + s.reference(d)
}

// reference tells the client by what id its refusal is found, where that is wanted.
func (s *Session) reference(d *Decision) string {
	if !s.cfg.RefusalID || d == nil || d.ID == "" || len(d.ID) > maxReference || !printable([]byte(d.ID)) {
		return ""
	}
	return " (ref " + d.ID + ")"
}

// maxReference is more than any id has: OPA's are UUIDs.
const maxReference = 64

// printable tells that a text from policy can stand in a line: printable US-ASCII. Anything else could end the line early, or
// be read differently by two clients.
func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// isCode tells that b is a response code without brackets: an atom, and what RFC 9051 section 9, resp-text-code, lets follow.
func isCode(b []byte) bool {
	return len(b) > 0 && printable(b) && !bytes.ContainsAny(b, "[]{}\"\\()*% ")
}
