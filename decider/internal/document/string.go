package document

import "unicode/utf8"

const hex = "0123456789abcdef"

// plain are the octets that stand for themselves in a JSON string. As in encoding/json, those that mean something in HTML do not.
var plain = func() (p [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		p[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return p
}()

// AppendString appends a JSON string, as encoding/json writes it. It has nothing that appends.
func AppendString[S string | []byte](to []byte, s S) []byte {
	to = append(to, '"')
	done := 0 // what stands before is appended
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			to = appendEscaped(append(to, s[done:i]...), c)
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
		switch {
		case r == utf8.RuneError && size == 1:
			to = append(append(to, s[done:i]...), `\ufffd`...)
			done = i + size
		case r == '\u2028' || r == '\u2029':
			to = append(append(to, s[done:i]...), '\\', 'u', '2', '0', '2', hex[r&0xf])
			done = i + size
		}
		i += size
	}
	return append(append(to, s[done:]...), '"')
}

func appendEscaped(to []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(to, '\\', c)
	case '\b':
		return append(to, '\\', 'b')
	case '\f':
		return append(to, '\\', 'f')
	case '\n':
		return append(to, '\\', 'n')
	case '\r':
		return append(to, '\\', 'r')
	case '\t':
		return append(to, '\\', 't')
	}
	return append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
