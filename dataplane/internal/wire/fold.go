package wire

// EqualFold reports whether a is upper, which is in upper case, without regard to the case of ASCII letters. Unicode
// folding would take the long s or the Kelvin sign for a letter of a command name.
func EqualFold(a []byte, upper string) bool {
	if len(a) != len(upper) {
		return false
	}
	for i, c := range a {
		if upperASCII(c) != upper[i] {
			return false
		}
	}
	return true
}

// AppendUpper appends b with the ASCII letters in upper case.
func AppendUpper(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, upperASCII(c))
	}
	return dst
}

func upperASCII(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

func isLetter(c byte) bool {
	c = upperASCII(c)
	return 'A' <= c && c <= 'Z'
}
