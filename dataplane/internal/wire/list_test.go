package wire

import "testing"

func TestLists(t *testing.T) {
	for raw, want := range map[string]string{
		"()":                                  "()",
		"(())":                                "(())",
		"(() ())":                             "(() ())",
		"x (y (z) ()) w":                      "x (y (z) ()) w",
		"BODY[]":                              "BODY[]",
		"BODY[()]":                            "BODY[()]",
		"(BODY[] BODY[1]<5>)":                 "(BODY[] BODY[1]<5>)",
		"BODY[HEADER.FIELDS (\"a]b\" c [x])]": "",
		"BODY[HEADER.FIELDS (\"a]b\" c)]":     `BODY[HEADER.FIELDS ("a]b" c)]`,
		"BODY[{1}\r\n]]":                      `BODY[{1}"]"]`,
		"BODY[BODY[1]]":                       "",
		"(":                                   "",
		")":                                   "",
		"(()":                                 "",
		"())":                                 "",
		"( )":                                 "",
		"( x)":                                "",
		"(x )":                                "",
		"(x  y)":                              "",
		"(x":                                  "",
		"BODY[":                               "",
		"BODY[ ]":                             "",
		"BODY[)":                              "",
		"BODY[(])":                            "",
		"(BODY[)]":                            "",
		"BODY[] <0>":                          "BODY[] <0>",
		"BODY []":                             "BODY []", // "[]" is an atom there, and no section
		"BODY[][]":                            "",
		"\"x\"[1]":                            "",
		"(x)[1]":                              "",
	} {
		got, ok := takes(newScanner(), raw, true)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %v, %q; want %q", raw, ok, got, want)
		}
	}
}

func TestSpanOfAList(t *testing.T) {
	tokens, err := newScanner().Arguments([]byte("x (y (z)) w"), 0, false)
	want := [...]Token{
		{Kind: Atom, Start: 0, End: 1, Next: 1},
		{Kind: List, Start: 2, End: 9, Next: 5},
		{Kind: Atom, Start: 3, End: 4, Next: 3},
		{Kind: List, Start: 5, End: 8, Next: 5},
		{Kind: Atom, Start: 6, End: 7, Next: 5},
		{Kind: Atom, Start: 10, End: 11, Next: 6},
	}
	if err != nil || len(tokens) != len(want) || [6]Token(tokens) != want {
		t.Errorf("%+v, %v", tokens, err)
	}
}
