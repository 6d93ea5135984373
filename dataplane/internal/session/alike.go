package session

import "bytes"

// passAlike lets pass what follows a FETCH response that passed, as long as it is FETCH responses of one line: nothing has happened
// between them, so that the verdict is the same. It is for answers of thousands of lines, of which each would otherwise be taken apart.
func (s *Session) passAlike() {
	in := &s.in[Server]
	b := in.Peek()
	n, lines := 0, 0
	for {
		end := bytes.IndexByte(b[n:], '\n') + 1
		if end == 0 || end > in.MaxLine || !isFetchLine(b[n:n+end]) {
			break
		}
		n += end
		lines++
	}
	b = b[:n]
	if lines == 0 || bytes.Count(b, cr) != lines || bytes.IndexByte(b, 0) >= 0 {
		return // what is wrong is for those who look at each line
	}
	s.out[Client] = append(s.out[Client], b...)
	in.Skip(n)
}

var cr = []byte("\r")

// isFetchLine tells a line of its own that is "* n FETCH (...)", spelled as most servers do. Nothing but a parenthesis before its end
// is no literal header.
func isFetchLine(line []byte) bool {
	const shortest = len("* 1 FETCH ()\r\n")
	if len(line) < shortest || string(line[:2]) != "* " || string(line[len(line)-3:]) != ")\r\n" {
		return false
	}
	at := 2
	for at < 2+9 && '0' <= line[at] && line[at] <= '9' {
		at++
	}
	return at > 2 && len(line)-at >= len(" FETCH ()\r\n") && string(line[at:at+8]) == " FETCH ("
}
