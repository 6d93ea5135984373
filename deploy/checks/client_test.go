package checks

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// dialogue sends commands to a listener, each when the one before is answered, and returns the last line of each answer, with the
// greeting first. It ends early where the server does.
func dialogue(t *testing.T, conn net.Conn, commands ...string) (answers []string) {
	t.Helper()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(conn)
	read := func(tag string) bool {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				if err != io.EOF {
					t.Log(err)
				}
				return false
			}
			if strings.HasPrefix(line, tag+" ") || strings.HasPrefix(line, "* BYE") {
				answers = append(answers, strings.TrimSpace(line))
				return strings.HasPrefix(line, tag+" ")
			}
		}
	}
	if !read("*") {
		return answers
	}
	for i, command := range commands {
		tag := fmt.Sprintf("a%d", i)
		if _, err := fmt.Fprintf(conn, "%s %s\r\n", tag, command); err != nil || !read(tag) {
			return answers
		}
	}
	return answers
}
