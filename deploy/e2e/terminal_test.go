package e2e

import (
	"bufio"
	"errors"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// terminal is a client that sends what the test says, well-formed or not, and reads responses whole.
type terminal struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func newTerminal(t testing.TB, conn net.Conn) *terminal {
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &terminal{t, conn, bufio.NewReader(conn)}
}

// send writes text as it is.
func (c *terminal) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatalf("sending %q: %v", text, err)
	}
}

// response reads a response with its literals, and the CRLF at its end.
func (c *terminal) response() string {
	c.t.Helper()
	r, err := readResponse(c.r)
	if err != nil {
		c.t.Fatalf("read %q and then %v", r, err)
	}
	return r
}

// until reads responses up to the first that begins like that, or like one of the others.
func (c *terminal) until(prefix string, others ...string) string {
	c.t.Helper()
	for {
		r := c.response()
		for _, p := range append(others, prefix) {
			if strings.HasPrefix(r, p) {
				return r
			}
		}
	}
}

// do sends a command and reads up to its tagged answer, which is returned without the tag.
func (c *terminal) do(command string) string {
	c.t.Helper()
	c.send(command + "\r\n")
	tag, _, _ := strings.Cut(command, " ")
	return strings.TrimPrefix(c.until(tag+" "), tag+" ")
}

// ok is do for what must succeed.
func (c *terminal) ok(command string) {
	c.t.Helper()
	if answer := c.do(command); !strings.HasPrefix(answer, "OK") {
		c.t.Fatalf("%s: %s", command, answer)
	}
}

// login reads the greeting, and logs in.
func (c *terminal) login(user string) {
	c.t.Helper()
	c.until("* OK")
	c.ok("login LOGIN " + user + " " + password)
}

// logout logs out and reads the stream's end.
func (c *terminal) logout() {
	c.t.Helper()
	c.ok("logout LOGOUT")
	c.end()
}

// end reads the rest of the stream, which has to end.
func (c *terminal) end() string {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		c.t.Fatalf("read %q and then %v", rest, err)
	}
	return string(rest)
}

// literalHeader is what announces a literal at the end of a line of the server, which writes only this form.
var literalHeader = regexp.MustCompile(`\{([0-9]+)\}\r\n$`)

// hasText tells responses whose end is text, in which nothing announces a literal (RFC 9051 section 7.1).
var hasText = regexp.MustCompile(`(?i)^(\+|\S+ (OK|NO|BAD|BYE|PREAUTH)( |\r\n$))`)

// readResponse reads a response with its literals. What it read before an error is returned too.
func readResponse(r *bufio.Reader) (string, error) {
	var response strings.Builder
	for {
		line, err := r.ReadString('\n')
		response.WriteString(line)
		if err != nil {
			return response.String(), err
		}
		m := literalHeader.FindStringSubmatch(line)
		if m == nil || hasText.MatchString(response.String()) {
			return response.String(), nil
		}
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return response.String(), err
		}
		if _, err := io.CopyN(&response, r, n); err != nil {
			return response.String(), err
		}
	}
}
