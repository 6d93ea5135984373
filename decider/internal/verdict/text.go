package verdict

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Bounds on what policy may send. They are far above any use, and no more than a dataplane takes by default
// (limits.policy_text).
const (
	maxText     = 1024 // octets of a human-readable text or a code
	maxLine     = 4096 // octets of a whole line
	maxUntagged = 100  // lines of a RESPOND
)

// checkLine checks what any text needs so that it stays within its line: printable US-ASCII, and no literal header at the
// end, behind which a peer would take the next line for data.
func checkLine(s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("has %d octets, at most %d are allowed", len(s), limit)
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return fmt.Errorf("has the octet 0x%02x at offset %d, only printable US-ASCII is allowed", c, i)
		}
	}
	if literalHeader.MatchString(s) {
		return errors.New("ends in a literal header")
	}
	return nil
}

var literalHeader = regexp.MustCompile(`\{[0-9]+\+?\}$`)

// checkText checks a human-readable text (RFC 9051 section 9, text).
func checkText(s string) error {
	if err := checkLine(s, maxText); err != nil {
		return err
	}
	if s == "" {
		return errors.New("is empty")
	}
	if strings.HasPrefix(s, "[") {
		return errors.New(`begins with "[", which would be read as a response code`)
	}
	return nil
}

// checkCode checks a response code without its brackets (RFC 9051 section 9, resp-text-code).
func checkCode(s string) error {
	if err := checkLine(s, maxText); err != nil {
		return err
	}
	if !code.MatchString(s) {
		return errors.New("is not a response code as RFC 5530 has them, without brackets")
	}
	return nil
}

var code = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]*( [^\[\]]+)?$`)

// checkStatus checks a status line behind its tag or "* ": OK, NO or the like, maybe a code, and text.
func checkStatus(s string, names string) error {
	name, rest, _ := strings.Cut(s, " ")
	if !oneOf(names, name) {
		return fmt.Errorf("must begin with one of %s", names)
	}
	if c, ok := strings.CutPrefix(rest, "["); ok {
		c, text, ok := strings.Cut(c, "] ")
		if !ok {
			return errors.New(`has a "[" without a "] " and text behind it`)
		}
		if err := checkCode(c); err != nil {
			return fmt.Errorf("has a response code that %w", err)
		}
		rest = text
	}
	if rest == "" {
		return fmt.Errorf("has no text behind %s", name)
	}
	return nil
}

func oneOf(names, name string) bool {
	for n := range strings.FieldsSeq(names) {
		if n == name {
			return true
		}
	}
	return false
}

// checkUntagged checks an untagged line without "* " (RFC 9051 section 9, response-data).
func checkUntagged(s string) error {
	if err := checkLine(s, maxLine); err != nil {
		return err
	}
	name, rest, _ := strings.Cut(s, " ")
	switch {
	case oneOf("OK NO BAD BYE PREAUTH", name):
		return checkStatus(s, "OK NO BAD BYE PREAUTH")
	case number.MatchString(name):
		if name, _, _ = strings.Cut(rest, " "); !responseName.MatchString(name) {
			return errors.New("has no response name behind the number")
		}
		return nil
	case !responseName.MatchString(name):
		if bare := strings.Trim(s, "[]"); capabilityNames.MatchString(bare) && strings.HasPrefix(s, "[") {
			return fmt.Errorf("does not begin with a response name; write %q", "CAPABILITY "+strings.TrimPrefix(bare, "CAPABILITY "))
		}
		return errors.New("does not begin with a response name in upper case")
	case name == "CAPABILITY" && !capabilityNames.MatchString(rest):
		return errors.New("is not CAPABILITY with names behind it, separated by single spaces")
	}
	if next, _, _ := strings.Cut(rest, " "); oneOf("OK NO BAD BYE PREAUTH", next) {
		return errors.New("looks like a tagged line")
	}
	return nil
}

var (
	number          = regexp.MustCompile(`^(0|[1-9][0-9]{0,9})$`)
	responseName    = regexp.MustCompile(`^[A-Z][A-Z-]*$`)
	capabilityNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9=+._/:-]*( [A-Za-z0-9][A-Za-z0-9=+._/:-]*)*$`)
)

// checkCommand checks a command without its tag: one line, a name, and single spaces between the arguments. Its grammar is
// checked by the dataplane.
func checkCommand(s string) error {
	if err := checkLine(s, maxLine); err != nil {
		return err
	}
	name, _, _ := strings.Cut(s, " ")
	if !commandName.MatchString(name) {
		return errors.New("does not begin with a command's name; the tag stays and is not written")
	}
	if strings.HasSuffix(s, " ") {
		return errors.New("ends in a space")
	}
	return nil
}

var commandName = regexp.MustCompile(`^[A-Za-z][A-Za-z-]*$`)
