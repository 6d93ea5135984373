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

// refusal is the tagged NO of a REJECT.
func refusal(code, text []byte) string {
	if len(code) == 0 {
		code = []byte("NOPERM")
	}
	if len(text) == 0 {
		text = []byte("refused by policy")
	}
	return "NO [" + string(code) + "] " + string(text)
}

func byeText(text []byte, otherwise string) string {
	if len(text) == 0 {
		return otherwise
	}
	return "[NOPERM] " + string(text)
}

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
