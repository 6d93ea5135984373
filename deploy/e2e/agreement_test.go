package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
)

var update = flag.Bool("update", false, "write testdata/agreement.md")

// Where Dovecot, or Cyrus, takes what the dataplane refuses, or takes it otherwise, testdata/agreement.md says so, and why it is refused: it
// has what each server makes of each input of TestHostile, said to it without the dataplane.
func TestAgreement(t *testing.T) {
	servers := []*server{dovecot(t), cyrus(t)}
	rows := make([]string, len(hostile))
	var asked sync.WaitGroup
	for i, h := range hostile {
		asked.Go(func() {
			row := []string{h.name, "`" + escape(h.input) + "`", ownAnswers(h.answers)}
			for _, s := range servers {
				row = append(row, s.makes(t, h.input))
			}
			rows[i] = "| " + strings.Join(append(row, h.why), " | ") + " |\n"
		})
	}
	asked.Wait()
	got := agreementHead + strings.Join(rows, "")
	if *update {
		must(t, os.WriteFile("testdata/agreement.md", []byte(got), 0o644))
	}
	want, err := os.ReadFile("testdata/agreement.md")
	must(t, err)
	for line := range strings.Lines(got) {
		if !strings.Contains(string(want), line) {
			t.Errorf("not in testdata/agreement.md; judge the difference, then run with -update:\n%s", line)
		}
	}
	if n := bytes.Count(want, []byte("\n")); n != strings.Count(got, "\n") {
		t.Errorf("testdata/agreement.md has %d lines, want %d", n, strings.Count(got, "\n"))
	}
}

const agreementHead = `# What servers make of what is no IMAP, or hardly

Each input was said after login: through Gatepost with a policy that accepts everything (TestHostile), and past it to Debian's Dovecot
2.3 and Cyrus 3.6 (TestAgreement, which writes this page with -update). The answers are in their order, tag and status. **PWNED**: a
mailbox of that name is there afterwards, in most rows because data was run as a command. "ends": the server ends the session.

| input | octets | Gatepost | Dovecot | Cyrus | why |
|---|---|---|---|---|---|
`

// ownAnswers are the dataplane's answers as the table has them.
func ownAnswers(answers []string) string {
	list := strings.Join(answers, ", ")
	if strings.HasPrefix(answers[len(answers)-1], "* BYE") {
		list = strings.Join(answers[:len(answers)-1], ", ")
		list = strings.TrimPrefix(list+", ends", ", ")
	}
	return strings.ReplaceAll(list, "+ idling", "+")
}

// makes is what a server makes of input.
func (s *server) makes(t *testing.T, input string) string {
	user := newUser()
	conn, err := net.Dial("tcp", s.clear)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	c := newTerminal(t, conn)
	c.login(user)
	c.send(input + "after NOOP\r\n")
	_ = conn.(*net.TCPConn).CloseWrite() // so that it does not wait for more
	var answers []string
	ended := true
	for r := bufio.NewReader(strings.NewReader(c.end())); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		words := strings.Fields(line)
		switch {
		case words[0] == "after":
			ended = false
		case words[0] == "+":
			answers = append(answers, "+")
		case words[0] != "*", words[1] == "BAD", words[1] == "BYE" && len(answers) == 0 && !strings.Contains(line, "EOF"):
			answers = append(answers, strings.Join(words[:min(2, len(words))], " "))
		}
	}
	if ended {
		answers = append(answers, "ends")
	}
	direct, err := imapclient.DialInsecure(s.clear, nil)
	if err == nil {
		err = direct.Login(user, password).Wait()
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	defer direct.Close()
	if boxes, err := direct.List("", "PWNED*", nil).Collect(); err != nil {
		t.Error(err)
	} else if len(boxes) > 0 {
		answers = append(answers, "**PWNED**")
	}
	return strings.Join(answers, ", ")
}

// escape shows octets in a table.
func escape(input string) string {
	text := strings.Trim(fmt.Sprintf("%+q", input), `"`)
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\"`, `"`), "|", `\|`)
	if len(text) > 60 {
		text = text[:50] + "..."
	}
	return text
}
