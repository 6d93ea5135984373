package main

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"sync"
)

// operations are what can be done, each with the number of operations that it counts for.
var operations = map[string]func(*talker) (int, error){
	"login": func(t *talker) (int, error) {
		if err := t.login(); err != nil {
			return 0, err
		}
		err := t.command("LOGOUT")
		t.close()
		return 1, err
	},
	"command":   func(t *talker) (int, error) { return 1, t.exchange(noop) },
	"pipelined": (*talker).pipeline,
	"lines":     func(t *talker) (int, error) { return 1, t.command(fmt.Sprintf("FETCH 1:%d FLAGS", t.load.Lines)) },
	"fetch":     (*talker).fetch,
	"append":    func(t *talker) (int, error) { return 1, t.store("") },
	"append+":   func(t *talker) (int, error) { return 1, t.store("+") },
	"mixed":     (*talker).mixed,
}

var noop = []byte(tag + " NOOP\r\n")

// pipeline sends commands in one go, and takes all answers.
func (t *talker) pipeline() (int, error) {
	var out []byte
	for i := range t.load.Depth {
		out = fmt.Appendf(out, "%s%d NOOP\r\n", tag, i)
	}
	if _, err := t.conn.Write(out); err != nil {
		return 0, err
	}
	return t.load.Depth, t.until(fmt.Appendf(nil, "%s%d OK ", tag, t.load.Depth-1))
}

// fetch gets a message.
func (t *talker) fetch() (int, error) {
	if _, err := fmt.Fprintf(t.conn, "%s FETCH %d BODY.PEEK[]\r\n", tag, t.load.Message); err != nil {
		return 0, err
	}
	have := 0
	for {
		n, err := t.conn.Read(t.buf[have:])
		have += n
		if line := bytes.IndexByte(t.buf[:have], '\n'); line >= 0 {
			size, err := literalSize(t.buf[:line+1])
			if err != nil {
				return 0, err
			}
			rest := t.buf[line+1 : have]
			if left := size - len(rest); left > 0 {
				if err := discard(t.conn, t.conn, left); err != nil {
					return 0, err
				}
				rest = nil
			} else {
				rest = rest[size:]
			}
			return 1, t.line(done, copy(t.buf, rest))
		}
		if err != nil {
			return 0, err
		}
	}
}

func literalSize(line []byte) (int, error) {
	brace := bytes.LastIndexByte(line, '{')
	if brace < 0 || !bytes.HasSuffix(line, []byte("}\r\n")) {
		return 0, fmt.Errorf("no literal in %q", line)
	}
	return strconv.Atoi(string(line[brace+1 : len(line)-len("}\r\n")]))
}

// store appends a message.
func (t *talker) store(plus string) error {
	size := t.load.Size << 10
	head := fmt.Appendf(nil, "%s APPEND %s {%d%s}\r\n", tag, t.load.Mailbox, size, plus)
	body := fullMessage()[:size]
	if plus == "" {
		if _, err := t.conn.Write(head); err != nil {
			return err
		}
		if err := t.until([]byte("+ ")); err != nil {
			return err
		}
		head = nil
	}
	buffers := net.Buffers{head, body, []byte("\r\n")}
	if _, err := buffers.WriteTo(t.conn); err != nil {
		return err
	}
	t.stored++
	return t.until(done)
}

// tidy empties the mailbox before more is stored than may be. At first it may hold what others have left.
func (t *talker) tidy() error {
	if t.load.Keep == 0 || t.load.Mailbox == "INBOX" || t.stored < t.load.Keep {
		return nil
	}
	t.stored = 0
	if err := t.command(`UID STORE 1:* +FLAGS.SILENT (\Deleted)`); err != nil {
		return err
	}
	return t.command("EXPUNGE")
}

const (
	messageHeader = "From: a@example.org\r\nTo: b@example.org\r\nSubject: a message\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\n"
	messageLine   = "a line of a message that nobody reads but who measures\r\n"
)

// fullMessage is a message as long as any that is stored.
var fullMessage = sync.OnceValue(func() []byte {
	return append([]byte(messageHeader), bytes.Repeat([]byte(messageLine), bodySize/len(messageLine)+1)...)
})

// mixed is a session of a mail client. It counts for one.
func (t *talker) mixed() (int, error) {
	if err := t.login(); err != nil {
		return 0, err
	}
	defer t.close()
	commands := []string{`LIST "" *`}
	for range 5 {
		commands = append(commands, "STATUS INBOX (MESSAGES UNSEEN)")
	}
	commands = append(commands, "SELECT INBOX", "FETCH 1:50 (UID FLAGS BODY.PEEK[HEADER])", fmt.Sprintf("FETCH %d BODY.PEEK[]", t.load.Message), `STORE 1 +FLAGS (\Seen)`)
	for _, c := range commands {
		if err := t.command(c); err != nil {
			return 0, err
		}
	}
	if _, err := t.conn.Write([]byte(tag + " IDLE\r\n")); err != nil {
		return 0, err
	}
	if err := t.until([]byte("+ ")); err != nil {
		return 0, err
	}
	if err := t.exchange([]byte("DONE\r\n")); err != nil {
		return 0, err
	}
	return 1, t.command("LOGOUT")
}
