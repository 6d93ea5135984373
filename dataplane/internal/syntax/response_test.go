package syntax

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// TestStatusResponse: the code is split off, the text is never looked into.
func TestStatusResponse(t *testing.T) {
	tests := []struct {
		line, tag, name, code, text string
		hasCode                     bool
	}{
		{"* OK ready", "", "OK", "", "ready", false},
		{"* ok [ALERT] down at 5", "", "OK", "ALERT", "down at 5", true},
		{"* PREAUTH hello", "", "PREAUTH", "", "hello", false},
		{"* BYE", "", "BYE", "", "", false},
		{"* OK [CAPABILITY IMAP4rev1 STARTTLS] [x] {5}", "", "OK", "CAPABILITY IMAP4rev1 STARTTLS", "[x] {5}", true},
		{"* OK [UIDNEXT 4392]", "", "OK", "UIDNEXT 4392", "", true},
		{"* OK [UIDNEXT 4392]text", "", "OK", "UIDNEXT 4392", "text", true},
		{"* OK text ending in {5}", "", "OK", "", "text ending in {5}", false},
		{"* OK text ending in {5x}", "", "OK", "", "text ending in {5x}", false},
		{"a1 OK done", "a1", "OK", "", "done", false},
		{"a1 NO [NOPERM] no", "a1", "NO", "NOPERM", "no", true},
		{"a1 BAD", "a1", "BAD", "", "", false},
		{"* OK [PERMANENTFLAGS (\\Deleted \\*)] x", "", "OK", "PERMANENTFLAGS (\\Deleted \\*)", "x", true},
		{"* NO t\xe9xt", "", "NO", "", "t\xe9xt", false},
		{"+ idling", "", "", "", "idling", false},
		{"+ ", "", "", "", "", false},
		{"+", "", "", "", "", false},
		{"+ [CAPABILITY IMAP4rev1] x", "", "", "CAPABILITY IMAP4rev1", "x", true},
	}
	for _, tc := range tests {
		for _, withArgs := range []bool{false, true} {
			var p Parser
			r, err := p.ParseResponse([]byte(tc.line), withArgs)
			if err != nil {
				t.Errorf("%q: %v", tc.line, err)
				continue
			}
			if string(r.Tag) != tc.tag || r.Name != tc.name || string(r.Code) != tc.code || string(r.Text) != tc.text ||
				(r.Code != nil) != tc.hasCode || !r.Status || r.Args != nil || r.Truncated {
				t.Errorf("%q: %+v", tc.line, r)
			}
		}
	}
}

// TestMalformedResponse: what peers could read in more than one way is an error.
func TestMalformedResponse(t *testing.T) {
	for _, line := range []string{
		"", "*", "* ", "*OK", "a1", "a1 ",
		"* OK [CAPABILITY IMAP4rev1", "* OK []", "* OK [] x", "* OK [ ALERT] x", "* OK [(x)] y", "* OK[ALERT] x",
		"a1 FETCH (FLAGS ())", "a1 CAPABILITY IMAP4rev1",
		"+idling",
	} {
		var p Parser
		if r, err := p.ParseResponse([]byte(line), false); err == nil {
			t.Errorf("%q: %+v", line, r)
		}
	}
}

// TestDataResponse: number, name, arguments, and where the response is cut.
func TestDataResponse(t *testing.T) {
	tests := []struct {
		line, name string
		number     uint32
		args       int
		truncated  bool
	}{
		{"* 23 EXISTS", "EXISTS", 23, 0, false},
		{"* 0 recent", "RECENT", 0, 0, false},
		{"* SEARCH", "SEARCH", 0, 0, false},
		{"* SEARCH 2 84 882", "SEARCH", 0, 3, false},
		{"* FLAGS (\\Answered \\Flagged)", "FLAGS", 0, 3, false},
		{`* LIST (\Noselect) "/" ~/Mail/foo`, "LIST", 0, 4, false},
		{"* 23 FETCH (FLAGS (\\Seen) RFC822.SIZE 44827)", "FETCH", 23, 6, false},
		{"* 12 FETCH (BODY[HEADER] {342}", "FETCH", 12, 5, true},
		{"* 12 FETCH (BODY[] {3}\r\nabc FLAGS ())", "FETCH", 12, 6, false},
		{"* 12 FETCH (BODY[1]<0> ~{3}\r\na\x00b X {4}", "FETCH", 12, 8, true},
		{"* XAPPLEPUSHSERVICE x", "XAPPLEPUSHSERVICE", 0, 1, false},
		{"* 5 OK", "OK", 5, 0, false},
		{"* THREAD (2)(3 6 (4 23)(44 7 96))", "THREAD", 0, 12, false},
	}
	for _, tc := range tests {
		var p Parser
		r, err := p.ParseResponse([]byte(tc.line), true)
		if err != nil {
			t.Errorf("%q: %v", tc.line, err)
			continue
		}
		if r.Name != tc.name || r.Number != tc.number || len(r.Args) != tc.args || r.Truncated != tc.truncated || r.Status {
			t.Errorf("%q: %+v", tc.line, r)
		}
		if strings.Contains(tc.line, "\r\n") {
			continue
		}
		short, err := p.ParseResponse([]byte(tc.line), false)
		if err != nil || short.Name != tc.name || short.Truncated != tc.truncated || short.Args != nil {
			t.Errorf("%q without arguments: %+v, %v", tc.line, short, err)
		}
	}
}

// TestMalformedArguments: the head of the response stays known.
func TestMalformedArguments(t *testing.T) {
	var p Parser
	r, err := p.ParseResponse([]byte("* SEARCH 1  2"), true)
	if _, ok := errors.AsType[*wire.SyntaxError](err); !ok || r == nil || r.Name != "SEARCH" || r.Args != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = p.ParseResponse([]byte("* 1 FETCH (BODY[] {03}"), false); !errors.Is(err, wire.ErrLiteralHeader) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestDelimiter: of LIST, LSUB and NAMESPACE.
func TestDelimiter(t *testing.T) {
	for line, want := range map[string]string{
		`* LIST () "/" INBOX`:                           "/",
		`* LIST (\HasChildren \Noselect) "." "a b"`:     ".",
		`* LSUB () "\\" x`:                              `\`,
		`* LIST () NIL INBOX`:                           "",
		`* LIST () "ab" INBOX`:                          "",
		`* LIST () "" INBOX`:                            "",
		`* LIST`:                                        "",
		`* LIST ()`:                                     "",
		`* LIST x "/" y`:                                "",
		`* NAMESPACE (("" "/")) NIL NIL`:                "/",
		`* NAMESPACE NIL (("~" ".")) NIL`:               ".",
		`* NAMESPACE (("" NIL)) NIL NIL`:                "",
		`* NAMESPACE NIL NIL NIL`:                       "",
		`* NAMESPACE (("INBOX." ".")("x" "/")) NIL NIL`: ".",
		`* NAMESPACE () NIL NIL`:                        "",
		`* STATUS "/" (MESSAGES 1)`:                     "",
		`* LIST (\X) {1}`:                               "",
		"* LIST () \"/\" {3}\r\nfoo":                    "/",
	} {
		var p Parser
		r, err := p.ParseResponse([]byte(line), true)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		} else if got := r.Delimiter(); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestCauses: the causes are commands of the table, and the mailbox updates have none.
func TestCauses(t *testing.T) {
	for name, causes := range responseNames {
		if name != strings.ToUpper(name) || !slices.Equal(Causes(name), causes) {
			t.Errorf("%s", name)
		}
		for _, command := range causes {
			if Lookup([]byte(command)) == nil {
				t.Errorf("%s: unknown command %s", name, command)
			}
		}
	}
	for _, name := range []string{"FETCH", "EXISTS", "EXPUNGE", "RECENT", "FLAGS", "OK", "NO", "BAD", "BYE", "VANISHED", "X-UNKNOWN"} {
		if Causes(name) != nil {
			t.Errorf("%s: %v", name, Causes(name))
		}
	}
	if !slices.Equal(Causes("SEARCH"), []string{"SEARCH", "UID SEARCH"}) {
		t.Errorf("SEARCH: %v", Causes("SEARCH"))
	}
}

// TestCapabilityList: read from data and codes, printed in the case of the documents.
func TestCapabilityList(t *testing.T) {
	tests := []struct {
		list  string
		names []string
		ok    bool
	}{
		{"CAPABILITY IMAP4rev1 AUTH=plain", []string{"IMAP4REV1", "AUTH=PLAIN"}, true},
		{"capability imap4REV1", []string{"IMAP4REV1"}, true},
		{"CAPABILITY  IMAP4rev1  IDLE ", []string{"IMAP4REV1", "IDLE"}, true},
		{"CAPABILITY", []string{}, true},
		{"CAPABILITY IMAP4rev1\tIDLE", nil, false},
		{"CAPABILITY (IMAP4rev1)", nil, false},
		{`CAPABILITY "IMAP4rev1"`, nil, false},
		{"CAPABILITY IMAP4rev1 \xc3\xa9", nil, false},
		{"CAPABILITYX IMAP4rev1", nil, false},
		{"ENABLED IMAP4rev1", nil, false},
		{"", nil, false},
	}
	for _, tc := range tests {
		names, ok := CapabilityList([]byte(tc.list))
		if !slices.Equal(names, tc.names) || ok != tc.ok {
			t.Errorf("%q: %q, %v", tc.list, names, ok)
		}
	}
	if names, ok := EnabledList([]byte("ENABLED CONDSTORE x-good-idea")); !ok || !slices.Equal(names, []string{"CONDSTORE", "X-GOOD-IDEA"}) {
		t.Errorf("ENABLED: %q, %v", names, ok)
	}
}

// TestParseCode: the name of a response code in upper case, and what follows it.
func TestParseCode(t *testing.T) {
	for code, want := range map[string][2]string{
		"alert": {"ALERT", ""}, "UIDNEXT 4392": {"UIDNEXT", "4392"}, "COPYUID 1 2 3": {"COPYUID", "1 2 3"}, "": {"", ""},
	} {
		if name, args := ParseCode([]byte(code)); name != want[0] || string(args) != want[1] {
			t.Errorf("%q: %q, %q", code, name, args)
		}
	}
}

// TestSpecialUses: the uses and the mailbox of a LIST response and its kin.
func TestSpecialUses(t *testing.T) {
	for _, tc := range []struct {
		line string
		utf8 bool
		uses []string
		name string
		ok   bool
	}{
		{`* LIST (\HasNoChildren \Trash) "/" inbox`, false, []string{"trash"}, "INBOX", true},
		{`* LIST (\ARCHIVE \archive \Important) NIL "a \"b\""`, false, []string{"archive", "important"}, `a "b"`, true},
		{`* XLIST (\AllMail) "/" a`, false, []string{"all"}, "a", true},
		{`* XLIST (\Starred \Spam) "/" a`, false, []string{"flagged", "junk"}, "a", true},
		{"* LSUB (\\Sent) \"/\" {4}\r\na\"\\b", false, []string{"sent"}, `a"\b`, true},
		{`* LIST (\Drafts) "/" Entw&APw-rfe ("CHILDINFO" ("SUBSCRIBED"))`, false, []string{"drafts"}, "Entwürfe", true},
		{`* LIST (\Drafts) "/" "Entwürfe"`, true, []string{"drafts"}, "Entwürfe", true},
		{`* LIST (\Drafts) "/" "a & b"`, true, []string{"drafts"}, "a & b", true},
		{`* LIST (\Drafts) "/" "a & b"`, false, []string{"drafts"}, "", false},
		{`* LIST (\Drafts) "/" "Entw&APw-rfe"`, true, []string{"drafts"}, "", false},
		{`* LIST (\Trash) "/" {5}`, false, []string{"trash"}, "", false},
		{`* LIST (\Trash) {5}`, false, []string{"trash"}, "", false},
		{`* LIST (\Trash)`, false, nil, "", false},
		{`* LIST () "/" \Trash`, false, nil, `\Trash`, true},
		{`* LIST (\TrashX Trash) "/" x`, false, nil, "x", true},
		{`* LIST`, false, nil, "", false},
		{`* STATUS (\Trash) "/" x`, false, nil, "", false},
	} {
		var p Parser
		r, err := p.ParseResponse([]byte(tc.line), true)
		if err != nil {
			t.Errorf("%q: %v", tc.line, err)
			continue
		}
		if got := r.SpecialUses(); !slices.Equal(got, tc.uses) {
			t.Errorf("%q: %q, want %q", tc.line, got, tc.uses)
		}
		if name, ok := r.ListedMailbox(tc.utf8); ok != tc.ok || ok && name != tc.name {
			t.Errorf("%q: %q %v, want %q %v", tc.line, name, ok, tc.name, tc.ok)
		}
	}
}
