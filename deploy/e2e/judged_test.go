package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// judgedOnce checks that each command on the server's leg is one that the decider let pass, and that none passed twice for
// one decision, or for one reuse of it; and that each is one command to the server too, which answers it once.
func (b *bed) judgedOnce(servers []*conversation) {
	b.t.Helper()
	verdicts := map[string]int{}
	made := map[string]decided{}
	for _, d := range b.commands("") {
		made[d.decision.GetId()] = d
		verdicts[passes(string(d.question.GetCommand().GetTag()), d)]++
	}
	for _, r := range b.repeats() {
		if d := made[r.of]; d.question != nil && d.question.GetCommand().GetName() == r.command {
			verdicts[passes(r.tag, d)]++
		} else if r.tag != "" {
			b.t.Errorf("%s %s repeats %s, which was not decided on such a command", r.tag, r.command, r.of)
		}
	}
	for _, s := range servers {
		commands, err := commandsOf(s)
		if err != nil {
			b.t.Error(err)
		}
		for _, c := range commands {
			if b.tellsID && c == "gatepost ID" {
				continue
			}
			if verdicts[c] == 0 {
				b.t.Errorf("%q reached the server without a verdict of its own", c)
			}
			verdicts[c]--
		}
		if tag := answeredMore(commands, s.from(true)); tag != "" {
			b.t.Errorf("the server answered %s more often than it was said", tag)
		}
	}
}

// passes is tag and name of the command that a decision lets pass under a tag; empty: none.
func passes(tag string, d decided) string {
	switch d.decision.GetRequest() {
	case deciderv1.ImapReq_IMAP_REQ_ACCEPT:
		return tag + " " + d.question.GetCommand().GetName()
	case deciderv1.ImapReq_IMAP_REQ_REWRITE:
		return tag + " " + commandName(string(d.decision.GetText()))
	}
	return ""
}

// answeredMore is a tag that a server answered more often than there are commands with it; "": there is none.
func answeredMore(commands []string, fromServer []byte) (tag string) {
	said := map[string]int{}
	for _, c := range commands {
		tag, _, _ := strings.Cut(c, " ")
		said[tag]++
	}
	list, _ := responses(fromServer)
	for _, r := range list {
		tag, _, _ := strings.Cut(r, " ")
		if tag == "*" || tag == "+" || tag == "+\r\n" {
			continue
		}
		if said[tag]--; said[tag] < 0 {
			return tag
		}
	}
	return ""
}

// commandName is the name of a command without its tag.
func commandName(command string) string {
	words := strings.Fields(strings.ToUpper(command))
	if len(words) > 1 && words[0] == "UID" {
		return words[0] + " " + words[1]
	}
	return strings.Join(words[:min(1, len(words))], "")
}

// anyLiteralHeader is what announces a literal at the end of a client's line.
var anyLiteralHeader = regexp.MustCompile(`\{([0-9]+)(\+?)\}\r\n$`)

// commandsOf are tag and name of each command in a conversation, read independently of the dataplane's own parser: what the
// server invites with "+" is a literal, a SASL response or the end of IDLE, and all else is a command.
func commandsOf(c *conversation) (commands []string, err error) {
	var client, server []byte
	invited, line := false, ""
	for _, s := range c.steps {
		if s.fromServer {
			server = append(server, s.octets...)
			for {
				one, err := readResponse(bufio.NewReader(bytes.NewReader(server)))
				if err != nil {
					break // it is not whole yet
				}
				invited = invited || strings.HasPrefix(one, "+")
				server = server[len(one):]
			}
			continue
		}
		client = append(client, s.octets...)
		for {
			if m := anyLiteralHeader.FindStringSubmatch(line); m != nil && invited {
				n, _ := strconv.Atoi(m[1])
				if len(client) < n {
					break
				}
				client, line, invited = client[n:], behindLiteral, false
				continue
			}
			end := bytes.IndexByte(client, '\n') + 1
			if end == 0 {
				break
			}
			text := string(client[:end])
			client = client[end:]
			switch {
			case line == behindLiteral:
			case invited: // a SASL response, or DONE
				invited = false
				continue
			default:
				tag, command, _ := strings.Cut(text, " ")
				commands = append(commands, tag+" "+commandName(command))
			}
			line = ""
			if m := anyLiteralHeader.FindStringSubmatch(text); m != nil {
				line = text
				if m[2] != "" {
					err = fmt.Errorf("the server got a non-synchronizing literal: %q", text)
				}
			}
		}
	}
	return commands, err
}

// behindLiteral stands for the line that ends in a literal's header, once the literal has come.
const behindLiteral = "behind a literal"
