package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Load is what the client is to do.
type Load struct {
	// Addr is the proxy, or the server.
	Addr string
	// TLS: the connections are under TLS.
	TLS bool
	// Do is a kind of operation: see operations.
	Do string
	// Conns is the number of connections, each of which begins an operation when the last has ended.
	Conns int
	// Size is of a message, in KiB; Depth is of a pipeline.
	Size, Depth int
	// Message is the sequence number of that message; Lines is how many messages are asked for their flags.
	Message, Lines int
	// Mailbox is selected, and APPEND's. A connection empties it when it has stored Keep messages; 0: it never does.
	Mailbox string
	Keep    int
	// Warm is how long nothing is counted yet, For how long it is then.
	Warm, For time.Duration
	// Users is how many accounts there are, user0 and so on; Password is that of all.
	Users    int
	Password string
}

// Measured is what was seen.
type Measured struct {
	// Ops is operations that ended within the time that counts, All those before it too.
	Ops, All int
	Seconds  float64
	// P50, P90, P99 and P999 are the time an operation took, in microseconds.
	P50, P90, P99, P999, Max float64
}

// perSecond is the throughput.
func (m Measured) perSecond() float64 { return float64(m.Ops) / m.Seconds }

const tag = "t"

// done begins the last line of every answer.
var done = []byte(tag + " OK ")

// run does the load.
func (l Load) run() (Measured, error) {
	op := operations[l.Do]
	if op == nil {
		return Measured{}, fmt.Errorf("no operation %q", l.Do)
	}
	all := make([]*talker, l.Conns)
	for i := range all {
		all[i] = &talker{load: l, number: i, stored: l.Keep}
	}
	defer func() {
		for _, t := range all {
			t.close()
		}
	}()
	if l.Do != "login" && l.Do != "mixed" {
		for _, t := range all {
			if err := t.login(); err != nil {
				return Measured{}, err
			}
			if err := t.command("SELECT " + l.Mailbox); err != nil {
				return Measured{}, err
			}
		}
	}
	begin := time.Now().Add(l.Warm)
	end := begin.Add(l.For)
	errs := make([]error, len(all))
	counts := make([]int, len(all))
	took := make([][]float64, len(all))
	var running sync.WaitGroup
	for i, t := range all {
		running.Go(func() {
			for {
				if errs[i] = t.tidy(); errs[i] != nil {
					return
				}
				from := time.Now()
				if from.After(end) && len(took[i]) > 0 {
					return
				}
				n, err := op(t)
				if err != nil {
					errs[i] = err
					return
				}
				counts[i] += n
				if now := time.Now(); now.After(begin) {
					d := float64(now.Sub(from).Nanoseconds()) / 1e3
					for range n {
						took[i] = append(took[i], d)
					}
				}
			}
		})
	}
	running.Wait()
	m := Measured{Seconds: time.Since(begin).Seconds()}
	for _, n := range counts {
		m.All += n
	}
	samples := slices.Concat(took...)
	slices.Sort(samples)
	if m.Ops = len(samples); m.Ops > 0 {
		at := func(q float64) float64 { return samples[min(int(q*float64(m.Ops)), m.Ops-1)] }
		m.P50, m.P90, m.P99, m.P999, m.Max = at(0.5), at(0.9), at(0.99), at(0.999), samples[m.Ops-1]
	}
	return m, errors.Join(errs...)
}

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

// hold opens sessions that then say nothing, says so, and keeps them until stop ends.
func (l Load) hold(ready io.Writer, stop io.Reader) error {
	all := make([]*talker, l.Conns)
	errs := make([]error, l.Conns)
	next := make(chan int)
	var running sync.WaitGroup
	shared := sync.Pool{New: func() any { return new([readSize]byte) }}
	for range 16 {
		running.Go(func() {
			for i := range next {
				buf := shared.Get().(*[readSize]byte)
				t := &talker{load: l, number: i, buf: buf[:]}
				all[i] = t
				errs[i] = t.login()
				if errs[i] == nil {
					errs[i] = t.command("SELECT INBOX")
				}
				shared.Put(buf)
				t.buf = nil
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(ready, "ready"); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, stop)
	return err
}
