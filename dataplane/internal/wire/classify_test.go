package wire

import "testing"

func TestClassifyAtom(t *testing.T) {
	for atom, want := range map[string]AtomClass{
		"0":                      ClassNumber,
		"1":                      ClassNumber,
		"007":                    ClassNumber,
		"18446744073709551615":   ClassNumber,
		"18446744073709551616":   ClassText,
		"99999999999999999999":   ClassText,
		"1:2":                    ClassRange,
		"2:1":                    ClassRange,
		"0:18446744073709551615": ClassRange,
		"0:18446744073709551616": ClassText,
		"01:2":                   ClassText,
		"1:02":                   ClassText,
		"1,2":                    ClassComma,
		"1:2,3":                  ClassComma,
		"1,2:3,4,05":             ClassComma,
		"1,01:2":                 ClassText,
		"":                       ClassText,
		",":                      ClassText,
		"1,":                     ClassText,
		",1":                     ClassText,
		"1,,2":                   ClassText,
		":":                      ClassText,
		"1:":                     ClassText,
		":1":                     ClassText,
		"1:2:3":                  ClassText,
		"*":                      ClassText,
		"1:*":                    ClassText,
		"1,*":                    ClassText,
		"$":                      ClassText,
		"1,$":                    ClassText,
		"+1":                     ClassText,
		"-1":                     ClassText,
		"1.2":                    ClassText,
		"1_0":                    ClassText,
		"0x1":                    ClassText,
		"1e3":                    ClassText,
		"\u0661":                 ClassText,
		"1a":                     ClassText,
		"INBOX":                  ClassText,
		"a,b":                    ClassText,
		"1,a":                    ClassText,
	} {
		if got := ClassifyAtom([]byte(atom)); got != want {
			t.Errorf("%q is of class %d, want %d", atom, got, want)
		}
	}
}
