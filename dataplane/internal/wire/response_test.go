package wire

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// responseHead writes a head: kind tag number name "rest".
func responseHead(line string, h ResponseHead) string {
	number := "-"
	if h.HasNumber {
		number = strconv.FormatUint(uint64(h.Number), 10)
	}
	return strings.Join([]string{
		[]string{"none", "untagged", "tagged", "continuation"}[h.Kind],
		line[h.Tag.Start:h.Tag.End], number, line[h.Name.Start:h.Name.End], line[h.Rest:],
	}, "|")
}

func TestResponse(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{"* OK [CAPABILITY IMAP4rev1] ready {5}", "untagged||-|OK|[CAPABILITY IMAP4rev1] ready {5}"},
		{"* PREAUTH ready", "untagged||-|PREAUTH|ready"},
		{"* SEARCH", "untagged||-|SEARCH|"},
		{"* SEARCH ", "untagged||-|SEARCH|"},
		{"* search 1", "untagged||-|search|1"},
		{"* 9 EXISTS", "untagged||9|EXISTS|"},
		{"* 0 EXISTS", "untagged||0|EXISTS|"},
		{"* 4294967295 EXPUNGE", "untagged||4294967295|EXPUNGE|"},
		{"* 12 FETCH (BODY[] {342}", "untagged||12|FETCH|(BODY[] {342}"},
		{"* X-GM \xff\xfe", "untagged||-|X-GM|\xff\xfe"},
		{"* 2ND x", ""},
		{"a1 OK done", "tagged|a1|-|OK|done"},
		{"a1 NO", "tagged|a1|-|NO|"},
		{"a1 BAD  two spaces are text", "tagged|a1|-|BAD| two spaces are text"},
		{"12 OK done", "tagged|12|-|OK|done"},
		{"+ ready", "continuation||-||ready"},
		{"+ ", "continuation||-||"},
		{"+", "continuation||-||"},
		{"+ dGVzdA==", "continuation||-||dGVzdA=="},
		{"", ""}, {" ", ""}, {"*", ""}, {"* ", ""}, {"*  OK", ""}, {"*OK", ""}, {" * OK", ""}, {"* OK[ALERT] x", ""}, {"* OK\tx", ""}, {"* (", ""},
		{"* 12", ""}, {"* 12 ", ""}, {"* 12  EXISTS", ""}, {"* 4294967296 EXISTS", ""}, {"* 99999999999999999999 EXISTS", ""}, {"* -1 EXISTS", ""}, {"* +1 EXISTS", ""}, {"* 1x EXISTS", ""}, {"a1 1 OK", ""},
		{"a1", ""}, {"a1 ", ""}, {"a1  OK", ""}, {"a1 \u00e9", ""}, {"a+b OK", ""}, {"+x", ""}, {"++ x", ""}, {"\u00e9 OK", ""}, {"** OK", ""},
		{strings.Repeat("x", MaxTag+1) + " OK", ""},
	} {
		h, err := Response([]byte(tc.line))
		if err != nil {
			if syntax := err.(*SyntaxError); tc.want != "" || syntax.Offset > len(tc.line) || syntax.Offset < 0 {
				t.Errorf("%q: %v; want %q", tc.line, err, tc.want)
			}
		} else if got := responseHead(tc.line, h); got != tc.want {
			t.Errorf("%q: %q; want %q", tc.line, got, tc.want)
		}
	}
}

var responseRE = regexp.MustCompile(`^(?s:` +
	`(?P<plus>\+)(?: (?P<text>.*))?` +
	`|\* (?:(?P<number>[0-9]+) )?(?P<name>` + responseName + `)(?: (?P<rest>.*))?` +
	`|(?P<tag>[A-Za-z0-9._-]{1,64}) (?P<status>` + responseName + `)(?: (?P<more>.*))?` +
	`)$`)

const responseName = "[A-Za-z][!#$&'+,\\-./0-9:;<=>?@A-Z^_`a-z|}~]*"

// referenceResponse reads a head by a regular expression, into the form of responseHead.
func referenceResponse(line string) (string, bool) {
	m := responseRE.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	group := func(name string) string { return m[responseRE.SubexpIndex(name)] }
	switch {
	case group("plus") != "":
		return "continuation||-||" + group("text"), true
	case group("tag") != "":
		return "tagged|" + group("tag") + "|-|" + group("status") + "|" + group("more"), true
	}
	number := "-"
	if group("number") != "" {
		n, err := strconv.ParseUint(group("number"), 10, 32)
		if err != nil {
			return "", false
		}
		number = strconv.FormatUint(n, 10)
	}
	return "untagged||" + number + "|" + group("name") + "|" + group("rest"), true
}
