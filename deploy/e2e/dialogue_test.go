package e2e

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// dialogue is what a client says in one session. Of testdata/dialogues/*.txtar each file in the archive is one:
//
//	given authenticated    first: a mailbox with the messages of mail, and login
//	given selected         first: the same, and SELECT INBOX
//	C: a1 LIST "" *        the client sends a line, and waits for its tagged response, or the server's "+"
//	C& a1 LIST "" *        the client sends the line together with the next
//	S: NO                  the tagged response to the line before is not OK but NO, or BAD
//	deliver plain          the server gets a message from elsewhere
//	U: * 6 EXISTS          the client waits for a response that begins like that
//
// Tags belong to the line. {=text} in a line is text as a literal, {+=text} as a non-synchronizing one; {=mail:plain} is a
// message of mail. $user, $password, $plain (both, as SASL PLAIN in base64), $login-user and $login-password (each in base64)
// stand for what they name. A dialogue ends with LOGOUT, which is added where it has none, or with the server's BYE.
type dialogue struct {
	name  string
	given string
	steps []dialogueStep
	// differs is what is not as the dialogue says: "a2 NO" is the status of the tagged response a2; "no BYE": none comes of what is waited
	// for; "closes": the server ends the connection.
	differs []string
}

// dialogueStep is a line of a dialogue.
type dialogueStep struct {
	verb, text string // verb: "C", "deliver" or "U"
	together   bool   // with the next
	want       string // the tagged status
}

func parseDialogue(name, text string) (dialogue, error) {
	d := dialogue{name: name}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch verb {
		case "C:", "C&":
			d.steps = append(d.steps, dialogueStep{verb: "C", text: rest, together: verb == "C&", want: "OK"})
		case "U:", "deliver":
			d.steps = append(d.steps, dialogueStep{verb: strings.TrimSuffix(verb, ":"), text: rest})
		case "S:":
			d.steps[len(d.steps)-1].want = rest
		case "given":
			d.given = rest
		default:
			if line != "" && verb != "#" {
				return d, fmt.Errorf("%s: %q is no line of a dialogue", name, line)
			}
		}
	}
	var first []dialogueStep
	switch d.given {
	case "selected":
		first = []dialogueStep{{verb: "C", text: "select SELECT INBOX", want: "OK"}}
		fallthrough
	case "authenticated":
		first = append([]dialogueStep{{verb: "C", text: "login LOGIN $user $password", want: "OK"}}, first...)
	case "":
	default:
		return d, fmt.Errorf("%s: given %q", name, d.given)
	}
	d.steps = append(first, d.steps...)
	last := d.steps[len(d.steps)-1]
	if !strings.HasSuffix(strings.ToUpper(last.text), " LOGOUT") && last.text != "* BYE" {
		d.steps = append(d.steps, dialogueStep{verb: "C", text: "logout LOGOUT", want: "OK"})
	}
	return d, nil
}

// run plays the dialogue, from the greeting to the end of the stream.
func (d dialogue) run(b *bed) {
	t := b.t
	t.Helper()
	if d.given != "" {
		var messages []string
		for _, name := range mailbox {
			messages = append(messages, mail[name])
		}
		b.server.deliver(t, b.user, "INBOX", messages...)
	}
	c := b.connect()
	c.until("* ")
	differs := map[string]bool{} // which of d.differs was seen
	defer func() {
		for _, what := range d.differs {
			if !differs[what] && what != "broken off" && !t.Failed() {
				t.Errorf("it does not differ: %s", what)
			}
		}
	}()
	differ := func(what string) bool {
		differs[what] = slices.Contains(d.differs, what)
		return differs[what]
	}
	var open []dialogueStep // sent, without their tagged response
	exchange := false       // the server's "+" asks for the next line
	for _, s := range d.steps {
		text := b.expand(s.text)
		switch s.verb {
		case "deliver":
			b.server.deliver(t, b.user, "INBOX", mail[text])
			continue
		case "U":
			if !differ("no BYE") {
				c.until(text)
			}
			continue
		}
		if !exchange {
			open = append(open, s)
		}
		exchange = false
		c.sendLine(text)
		for !s.together && len(open) > 0 && !exchange {
			r, err := readResponse(c.r)
			if err != nil {
				if !differ("closes") {
					t.Fatalf("read %q and then %v", r, err)
				}
				return
			}
			tag, status, _ := strings.Cut(r, " ")
			for i, o := range open {
				if strings.HasPrefix(o.text, tag+" ") {
					word, _, _ := strings.Cut(status, " ")
					if !differ(tag+" "+word) && !strings.HasPrefix(status, o.want) {
						t.Errorf("%s: %s, want %s", o.text, strings.TrimSpace(status), o.want)
					}
					open = append(open[:i], open[i+1:]...)
					break
				}
			}
			exchange = tag == "+"
		}
	}
	if differ("no BYE") {
		c.logout()
		return
	}
	c.end()
}

// inlineLiteral is a literal in a dialogue's line. Braces in its text are in pairs.
var inlineLiteral = regexp.MustCompile(`\{(\+?)=((?:[^{}]|\{[^{}]*\})*)\}`)

// sendLine sends a line with its literals, each synchronizing one when it is invited.
func (c *terminal) sendLine(text string) {
	c.t.Helper()
	for {
		m := inlineLiteral.FindStringSubmatchIndex(text)
		if m == nil {
			c.send(text + "\r\n")
			return
		}
		plus, data := text[m[2]:m[3]], text[m[4]:m[5]]
		if name, ok := strings.CutPrefix(data, "mail:"); ok {
			data = mail[name]
		}
		c.send(fmt.Sprintf("%s{%d%s}\r\n", text[:m[0]], len(data), plus))
		if plus == "" {
			if r := c.response(); !strings.HasPrefix(r, "+") {
				c.t.Fatalf("%s: not invited: %s", text, r)
			}
		}
		c.send(data)
		text = text[m[1]:]
	}
}

// expand puts in what $names stand for.
func (b *bed) expand(text string) string {
	encode := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(
		"$user", b.user,
		"$password", password,
		"$plain", encode([]byte("\x00"+b.user+"\x00"+password)),
		"$login-user", encode([]byte(b.user)),
		"$login-password", encode([]byte(password)),
	).Replace(text)
}
