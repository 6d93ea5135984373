package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// serverOptions are where the server listens; empty: not.
type serverOptions struct {
	plain, secure    string
	certificate, key string
}

// runServer is an IMAP server that does as little as can be: what it says is ready before it is asked. It believes every password.
func runServer(o serverOptions) error {
	body, err := newBody()
	if err != nil {
		return err
	}
	failed := make(chan error, 3)
	serve := func(l net.Listener) {
		for {
			conn, err := l.Accept()
			if err != nil {
				failed <- err
				return
			}
			go func() {
				defer conn.Close()
				s := &serving{conn: conn, r: bufio.NewReaderSize(conn, 16<<10), body: body}
				s.serve()
			}()
		}
	}
	l, err := net.Listen("tcp", o.plain)
	if err != nil {
		return err
	}
	go serve(l)
	if o.secure != "" {
		pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
		if err != nil {
			return err
		}
		l, err := tls.Listen("tcp", o.secure, &tls.Config{Certificates: []tls.Certificate{pair}})
		if err != nil {
			return err
		}
		go serve(l)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // the one who started it has ended
		failed <- nil
	}()
	return <-failed
}

// bodySize is how much of a message there is. A longer one repeats it.
const bodySize = 16 << 20

// message is what all messages consist of: lines that can be told from each other.
type message struct {
	data []byte
	file int // the same, for sendfile
}

func newBody() (*message, error) {
	var b []byte
	for i := 0; len(b) < bodySize; i++ {
		b = fmt.Appendf(b, "line %08d of a message that nobody reads but who measures\r\n", i)
	}
	m := &message{data: b[:bodySize]}
	fd, err := unix.MemfdCreate("body", 0)
	if err != nil {
		return nil, err
	}
	m.file = fd
	_, err = unix.Write(fd, m.data)
	return m, err
}

const manyLines = 10_000

// lines are the answer to FETCH 1:10000 FLAGS.
var lines = func() []byte {
	var b []byte
	for i := 1; i <= manyLines; i++ {
		b = fmt.Appendf(b, "* %d FETCH (FLAGS (\\Seen))\r\n", i)
	}
	return b
}()

// headers are the answer to FETCH 1:50 of headers.
var headers = func() []byte {
	var b []byte
	for i := 1; i <= 50; i++ {
		b = fmt.Appendf(b, "* %d FETCH (UID %d FLAGS (\\Seen) BODY[HEADER] {%d}\r\n%s)\r\n", i, i, len(messageHeader), messageHeader)
	}
	return b
}()

const greeting = "* OK [CAPABILITY IMAP4rev1 LITERAL+ IDLE UIDPLUS] ready\r\n"

// serving is one connection.
type serving struct {
	conn net.Conn
	r    *bufio.Reader
	out  []byte
	body *message
}

func (s *serving) serve() {
	if _, err := io.WriteString(s.conn, greeting); err != nil {
		return
	}
	for {
		line, err := s.line()
		if err != nil {
			return
		}
		more, err := s.answer(line)
		if err != nil {
			return
		}
		if !more || s.r.Buffered() == 0 {
			if s.flush() != nil || !more {
				return
			}
		}
	}
}

func (s *serving) flush() error {
	_, err := s.conn.Write(s.out)
	s.out = s.out[:0]
	return err
}

// line reads a command. Its literals, but a message, are taken out.
func (s *serving) line() ([]byte, error) {
	line, err := s.r.ReadSlice('\n')
	if err != nil || !bytes.HasSuffix(line, []byte("}\r\n")) {
		return bytes.TrimSuffix(line, []byte("\r\n")), err
	}
	line = bytes.Clone(line)
	for err == nil && bytes.HasSuffix(line, []byte("}\r\n")) {
		var n int
		if n, err = s.literal(line); err != nil {
			return nil, err
		}
		if isAppend(line) {
			if err = s.discard(n); err != nil {
				return nil, err
			}
		} else if _, err = s.r.Discard(n); err != nil {
			return nil, err
		}
		var rest []byte
		rest, err = s.r.ReadSlice('\n')
		line = append(line[:bytes.LastIndexByte(line, '{')], rest...)
	}
	return bytes.TrimSuffix(line, []byte("\r\n")), err
}

func isAppend(line []byte) bool {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	return bytes.HasPrefix(rest, []byte("APPEND "))
}

// literal is the size of the literal that line ends in, which is invited.
func (s *serving) literal(line []byte) (int, error) {
	size := string(line[bytes.LastIndexByte(line, '{')+1 : len(line)-len("}\r\n")])
	if plus, ok := strings.CutSuffix(size, "+"); ok {
		return strconv.Atoi(plus)
	}
	s.out = append(s.out, "+ go on\r\n"...)
	if err := s.flush(); err != nil {
		return 0, err
	}
	return strconv.Atoi(size)
}

// discard takes n octets of a message, in the clear without copying them out of the kernel.
func (s *serving) discard(n int) error {
	have := min(n, s.r.Buffered())
	if _, err := s.r.Discard(have); err != nil {
		return err
	}
	return discard(s.conn, s.r, n-have)
}

// answer says what a command gets; false: the session has ended.
func (s *serving) answer(line []byte) (bool, error) {
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	name, args, _ := bytes.Cut(rest, []byte(" "))
	switch string(name) {
	case "FETCH":
		switch {
		case bytes.HasPrefix(args, []byte("1:10000 ")):
			s.out = append(s.out, lines...)
		case bytes.HasPrefix(args, []byte("1:50 ")):
			s.out = append(s.out, headers...)
		default:
			if err := s.message(args); err != nil {
				return false, err
			}
		}
	case "SELECT":
		s.out = append(s.out, "* 10000 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n"...)
	case "LIST":
		s.out = append(s.out, "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\n* LIST () \"/\" Trash\r\n"...)
	case "STATUS":
		s.out = append(s.out, "* STATUS INBOX (MESSAGES 10000 UNSEEN 1)\r\n"...)
	case "STORE":
		s.out = append(s.out, "* 1 FETCH (FLAGS (\\Seen))\r\n"...)
	case "CAPABILITY":
		s.out = append(s.out, "* CAPABILITY IMAP4rev1 LITERAL+ IDLE UIDPLUS\r\n"...)
	case "IDLE":
		s.out = append(s.out, "+ idling\r\n"...)
		if err := s.flush(); err != nil {
			return false, err
		}
		tag = bytes.Clone(tag)
		if _, err := s.r.ReadSlice('\n'); err != nil {
			return false, err
		}
	case "LOGOUT":
		s.out = append(s.out, "* BYE bye\r\n"...)
	}
	s.out = append(append(s.out, tag...), " OK done\r\n"...)
	return string(name) != "LOGOUT", nil
}

// message answers FETCH of a message, whose number is its size in KiB.
func (s *serving) message(args []byte) error {
	number, _, _ := bytes.Cut(args, []byte(" "))
	kib, err := strconv.Atoi(string(number))
	if err != nil {
		return err
	}
	size := kib << 10
	s.out = fmt.Appendf(s.out, "* %d FETCH (BODY[] {%d}\r\n", kib, size)
	tcp, ok := s.conn.(*net.TCPConn)
	if size <= 64<<10 || !ok {
		buffers := net.Buffers{s.out}
		for left := size; left > 0; left -= bodySize {
			buffers = append(buffers, s.body.data[:min(left, bodySize)])
		}
		_, err = buffers.WriteTo(s.conn)
		s.out = append(s.out[:0], ")\r\n"...)
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.out = append(s.out, ")\r\n"...)
	return sendfile(tcp, s.body.file, size)
}

// sendfile sends n octets of a file that is shorter, over and over.
func sendfile(conn *net.TCPConn, file, n int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var at int64
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for n > 0 {
			sent, err := unix.Sendfile(int(fd), file, &at, min(n, bodySize-int(at)))
			if err == unix.EAGAIN {
				return false
			}
			if err != nil {
				failed = err
				return true
			}
			n -= sent
			at %= bodySize
		}
		return true
	})
	return errors.Join(err, failed)
}

// discard takes n octets from a connection, in the clear without copying them out of the kernel.
func discard(conn net.Conn, r io.Reader, n int) error {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		_, err := io.CopyN(io.Discard, r, int64(n))
		return err
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for n > 0 {
			got, _, err := unix.Recvfrom(int(fd), nowhere[:min(n, len(nowhere))], unix.MSG_TRUNC)
			switch {
			case err == unix.EAGAIN:
				return false
			case err == nil && got == 0:
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				failed = err
				return true
			}
			n -= got
		}
		return true
	})
	return errors.Join(err, failed)
}

// nowhere is what MSG_TRUNC does not write to.
var nowhere [1 << 20]byte
