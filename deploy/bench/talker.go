package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

const tag = "t"

// done begins the last line of every answer.
var done = []byte(tag + " OK ")

// talker is a client's connection.
type talker struct {
	load   Load
	number int
	conn   net.Conn
	buf    []byte
	stored int // messages, since the mailbox was emptied
}

const (
	// patience is how long an answer may take.
	patience = 30 * time.Second
	readSize = 256 << 10
)

func (t *talker) close() {
	if t.conn != nil {
		_ = t.conn.Close()
	}
}

// open connects, and reads the greeting.
func (t *talker) open() (err error) {
	if t.load.TLS {
		t.conn, err = tls.Dial("tcp", t.load.Addr, &tls.Config{InsecureSkipVerify: true})
	} else {
		t.conn, err = net.Dial("tcp", t.load.Addr)
	}
	if err != nil {
		return err
	}
	if t.buf == nil {
		t.buf = make([]byte, readSize)
	}
	_ = t.conn.SetDeadline(time.Now().Add(10 * time.Minute))
	return t.until([]byte("* OK "))
}

func (t *talker) login() error {
	if err := t.open(); err != nil {
		return err
	}
	return t.command(fmt.Sprintf("LOGIN user%d %s", t.number%max(t.load.Users, 1), t.load.Password))
}

// command sends a command, and takes its answer.
func (t *talker) command(text string) error {
	return t.exchange([]byte(tag + " " + text + "\r\n"))
}

func (t *talker) exchange(command []byte) error {
	if _, err := t.conn.Write(command); err != nil {
		return err
	}
	return t.until(done)
}

// until reads up to the line that begins so.
func (t *talker) until(begin []byte) error { return t.line(begin, 0) }

// line is until, where the buffer has the first octets already.
func (t *talker) line(begin []byte, have int) error {
	for {
		last, whole := lastLine(t.buf[:have])
		if whole && bytes.HasPrefix(last, begin) {
			return nil
		}
		if whole && refused(last) {
			return fmt.Errorf("refused: %q", last)
		}
		if have > len(t.buf)/2 {
			have = copy(t.buf, last)
		}
		n, err := t.conn.Read(t.buf[have:])
		if n == 0 && err != nil {
			return fmt.Errorf("%w, behind %q", err, t.buf[:min(have, 200)])
		}
		have += n
	}
}

// lastLine is the last of what has come; whole: its end has come too.
func lastLine(b []byte) (line []byte, whole bool) {
	text, whole := bytes.CutSuffix(b, []byte("\r\n"))
	return b[bytes.LastIndexByte(text, '\n')+1:], whole
}

// refused tells an answer that is not OK.
func refused(line []byte) bool {
	name, rest, _ := bytes.Cut(line, []byte(" "))
	return bytes.HasPrefix(name, []byte(tag)) && (bytes.HasPrefix(rest, []byte("NO")) || bytes.HasPrefix(rest, []byte("BAD")))
}
