package wire

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestDigits(t *testing.T) {
	for _, tc := range []struct {
		b       string
		at      int
		maximum uint64
		n       uint64
		end     int
		ok      bool
	}{
		{"12 x", 0, 100, 12, 2, true},
		{"x007", 1, 100, 7, 4, true},
		{"100", 0, 100, 100, 3, true},
		{"101", 0, 100, 0, 0, false},
		{"1", 0, 0, 0, 0, false},
		{"0", 0, 0, 0, 1, true},
		{"", 0, 100, 0, 0, false},
		{"x", 0, 100, 0, 0, false},
		{"1", 1, 100, 0, 1, false},
		{"18446744073709551615", 0, math.MaxUint64, math.MaxUint64, 20, true},
		{"18446744073709551616", 0, math.MaxUint64, 0, 0, false},
	} {
		if n, end, ok := digits([]byte(tc.b), tc.at, tc.maximum); n != tc.n || end != tc.end || ok != tc.ok {
			t.Errorf("%q at %d up to %d: %d, %d, %v", tc.b, tc.at, tc.maximum, n, end, ok)
		}
	}
}

func TestDigitsAgreesWithStrconv(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 9051))
	for range 10_000 {
		s := strconv.FormatUint(random.Uint64()>>random.IntN(64), 10) + []string{"", "0", "9"}[random.IntN(3)]
		for bits, maximum := range map[int]uint64{32: math.MaxUint32, 63: math.MaxInt64, 64: math.MaxUint64} {
			want, err := strconv.ParseUint(s, 10, bits)
			n, end, ok := digits([]byte(s), 0, maximum)
			if ok != (err == nil) || ok && (n != want || end != len(s)) {
				t.Fatalf("%s in %d bits: %d, %v; want %d, %v", s, bits, n, ok, want, err)
			}
		}
	}
}
