package wire

// digits reads a run of digits at offset at. ok is false if there is none, or if its value is over the maximum.
func digits(b []byte, at int, maximum uint64) (n uint64, end int, ok bool) {
	for end = at; end < len(b) && '0' <= b[end] && b[end] <= '9'; end++ {
		d := uint64(b[end] - '0')
		if d > maximum || n > (maximum-d)/10 {
			return 0, at, false
		}
		n = n*10 + d
	}
	return n, end, end > at
}

// canonical reports whether digits have no leading zero.
func canonical(digits []byte) bool { return len(digits) == 1 || digits[0] != '0' }
