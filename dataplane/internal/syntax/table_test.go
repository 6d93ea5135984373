package syntax

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestCommandTable: the rows are complete, sorted, and agree with the capabilities.
func TestCommandTable(t *testing.T) {
	last := ""
	for info := range Commands() {
		if info.Name <= last {
			t.Errorf("%s: behind %s", info.Name, last)
		}
		last = info.Name
		if info.Name != strings.ToUpper(info.Name) || len(info.Name) > longestName {
			t.Errorf("%s: name", info.Name)
		}
		if info.RFC == "" || info.States == 0 || info.States.Has(Logout) || info.parse == nil {
			t.Errorf("%s: incomplete", info.Name)
		}
		switch info.Treatment {
		case Pass, Own, Refuse:
		default:
			t.Errorf("%s: treatment %s", info.Name, info.Treatment)
		}
		if (info.Treatment == Refuse) != (info.Why != "") {
			t.Errorf("%s: treatment %s with the reason %q", info.Name, info.Treatment, info.Why)
		}
		if info.Success != 0 && !info.Barrier {
			t.Errorf("%s: changes the state and is no barrier", info.Name)
		}
	}
}

// TestHiddenIsRefused: a command that only a hidden capability brings is refused, and one that a passed capability brings is
// not.
func TestHiddenIsRefused(t *testing.T) {
	for info := range Commands() {
		if info.Capability == "" {
			continue
		}
		rows := 0
		treatment := Treatment(0)
		for _, c := range Capabilities() {
			if c.Name != rev2 && info.BroughtBy(c.Name) {
				rows++
				treatment = c.Treatment
			}
		}
		if rows == 0 {
			t.Errorf("%s: no capability %s in the table", info.Name, info.Capability)
		}
		if (treatment == Hide) != (info.Treatment == Refuse) || (treatment == Own) != (info.Treatment == Own) {
			t.Errorf("%s: %s, but %s is treated as %s", info.Name, info.Treatment, info.Capability, treatment)
		}
	}
}

// TestBarriers: the commands that change the state, the user, the grammar or the stream are barriers, and no others.
func TestBarriers(t *testing.T) {
	want := []string{
		"AUTHENTICATE", "CLOSE", "COMPRESS", "ENABLE", "EXAMINE", "IDLE", "LOGIN", "LOGOUT", "SELECT", "STARTTLS", "UNAUTHENTICATE",
		"UNSELECT",
	}
	var got []string
	for info := range Commands() {
		if info.Barrier {
			got = append(got, info.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestGoldenCommands: testdata/commands.golden is the table.
func TestGoldenCommands(t *testing.T) {
	var b strings.Builder
	for info := range Commands() {
		fmt.Fprintf(&b, "%-15s %-16s %s", info.Name, info.RFC, info.States)
		if info.Success != 0 {
			fmt.Fprintf(&b, " | OK: %s", info.Success)
		}
		if info.Failure != 0 {
			fmt.Fprintf(&b, " | NO: %s", info.Failure)
		}
		if info.Barrier {
			b.WriteString(" | barrier")
		}
		if info.Capability != "" {
			fmt.Fprintf(&b, " | %s", info.Capability)
			if info.also != "" {
				fmt.Fprintf(&b, " or %s", info.also)
			}
		}
		fmt.Fprintf(&b, " | %s", info.Treatment)
		if info.Why != "" {
			fmt.Fprintf(&b, ": %s", info.Why)
		}
		b.WriteByte('\n')
	}
	golden(t, "testdata/commands.golden", b.String())
}

// TestGoldenCapabilities: testdata/capabilities.golden is the table.
func TestGoldenCapabilities(t *testing.T) {
	var b strings.Builder
	for _, c := range Capabilities() {
		name := c.Name
		if c.Prefix {
			name += "*"
		}
		fmt.Fprintf(&b, "%-22s %-12s %s", name, c.RFC, c.Treatment)
		if c.Why != "" {
			fmt.Fprintf(&b, ": %s", c.Why)
		}
		b.WriteByte('\n')
	}
	golden(t, "testdata/capabilities.golden", b.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs; run with -update and read the diff", file)
	}
}

// TestLookup: by the whole name, in any case.
func TestLookup(t *testing.T) {
	for info := range Commands() {
		if Lookup([]byte(info.Name)) != info || Lookup([]byte(strings.ToLower(info.Name))) != info {
			t.Errorf("%s is not found", info.Name)
		}
		for _, name := range []string{info.Name[:len(info.Name)-1], info.Name + "S", info.Name + " ", " " + info.Name} {
			if got := Lookup([]byte(name)); got != nil && got.Name != strings.ToUpper(name) {
				t.Errorf("%q finds %s", name, got.Name)
			}
		}
	}
	for _, name := range []string{"", "UID", "UID  FETCH", "UID NOOP", "\u017fELECT", strings.Repeat("A", 100)} {
		if got := Lookup([]byte(name)); got != nil {
			t.Errorf("%q finds %s", name, got.Name)
		}
	}
}

// TestCapabilityTable: the rows are complete and sorted.
func TestCapabilityTable(t *testing.T) {
	rows := Capabilities()
	if !slices.IsSortedFunc(rows, func(a, b CapabilityInfo) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	for _, c := range rows {
		if c.Name != strings.ToUpper(c.Name) || c.RFC == "" || strings.HasSuffix(c.Name, "=") && !c.Prefix {
			t.Errorf("%s: incomplete", c.Name)
		}
		if (c.Treatment == Pass) != (c.Why == "") {
			t.Errorf("%s: treatment %s with the reason %q", c.Name, c.Treatment, c.Why)
		}
		if c.Treatment == Refuse || c.Treatment == 0 {
			t.Errorf("%s: treatment %s", c.Name, c.Treatment)
		}
	}
}

// TestLookupCapability: an exact name before a prefix, a longer prefix before a shorter, and no row for what is unknown.
func TestLookupCapability(t *testing.T) {
	tests := []struct {
		name, row string
		treatment Treatment
	}{
		{"IMAP4REV1", "IMAP4REV1", Pass},
		{"IMAP4REV2", "IMAP4REV2", Pass},
		{"AUTH=PLAIN", "AUTH=PLAIN", Pass},
		{"AUTH=SCRAM-SHA-256", "AUTH=SCRAM-", Pass},
		{"AUTH=SCRAM-SHA-256-PLUS", plusMechanisms, Hide},
		{"AUTH=GS2-KRB5-PLUS", plusMechanisms, Hide},
		{"AUTH=GS2-KRB5", "AUTH=GS2-", Hide},
		{"AUTH=X-MINE", "", 0},
		{"AUTH=", "", 0},
		{"COMPRESS=DEFLATE", "COMPRESS=", Hide},
		{"COMPRESS=ZSTD", "COMPRESS=", Hide},
		{"UTF8=ACCEPT", "UTF8=ACCEPT", Pass},
		{"UTF8=ONLY", "UTF8=ONLY", Pass},
		{"UTF8=ALL", "UTF8=", Hide},
		{"QUOTA", "QUOTA", Pass},
		{"QUOTA=RES-STORAGE", "QUOTA=RES-", Pass},
		{"QUOTAX", "", 0},
		{"THREAD=REFS", "THREAD=", Pass},
		{"URLAUTH=BINARY", "URLAUTH=BINARY", Hide},
		{"APPENDLIMIT=35651584", "APPENDLIMIT=", Pass},
		{"LITERAL+", "LITERAL+", Own},
		{"XAPPLEPUSHSERVICE", "", 0},
		{"imap4rev1", "", 0},
		{"", "", 0},
	}
	for _, tc := range tests {
		got := LookupCapability(tc.name)
		switch {
		case got == nil && tc.row != "":
			t.Errorf("%q: no row", tc.name)
		case got != nil && (got.Name != tc.row || got.Treatment != tc.treatment):
			t.Errorf("%q: row %s, %s; want %q, %s", tc.name, got.Name, got.Treatment, tc.row, tc.treatment)
		}
	}
}

// TestBroughtBy: by either of two capabilities, by a prefix where the name ends in "=", and always for the base commands.
func TestBroughtBy(t *testing.T) {
	tests := []struct {
		command, capability string
		want                bool
	}{
		{"NOOP", "", true},
		{"MOVE", "MOVE", true},
		{"MOVE", "IMAP4REV2", true},
		{"MOVE", "MOVEX", false},
		{"THREAD", "THREAD=REFS", true},
		{"THREAD", "THREAD", false},
		{"SORT", "SORT", true},
		{"SORT", "SORT=DISPLAY", true},
		{"SORT", "SORTED", false},
		{"GETMETADATA", "METADATA-SERVER", true},
	}
	for _, tc := range tests {
		if got := Lookup([]byte(tc.command)).BroughtBy(tc.capability); got != tc.want {
			t.Errorf("%s by %s: %v", tc.command, tc.capability, got)
		}
	}
}
