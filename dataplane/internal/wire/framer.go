package wire

import (
	"bytes"
	"errors"
)

// What can be wrong with a line.
var (
	// ErrBareLF: an LF without a CR before it.
	ErrBareLF = errors.New("wire: LF without CR")
	// ErrBareCR: a CR without an LF behind it.
	ErrBareCR = errors.New("wire: CR without LF")
	// ErrNUL: a NUL outside a literal.
	ErrNUL = errors.New("wire: NUL outside a literal")
	// ErrLineTooLong: no CRLF within Framer.MaxLine.
	ErrLineTooLong = errors.New("wire: line too long")
)

// Framer cuts one direction of a byte stream into lines and literals. It does not know where a literal begins: who reads
// a line that ends in a literal header says so by Take.
//
// Its buffer holds what was written and not yet consumed. It stays bounded if the writer stops at a bound of Buffered;
// MaxLine is the least that lets every line through.
type Framer struct {
	// MaxLine bounds a line with its CRLF, in octets. It may change between calls. With 0 every line is too long.
	MaxLine int

	buf     []byte
	start   int   // what lies before is consumed
	scanned int   // from start up to here there is no LF
	failed  error // where the next line begins cannot be known
	// lent: buf is the caller's, until Keep. ahead is the caller's too, and comes behind buf.
	lent  bool
	ahead []byte
}

// Lend is Write for octets that the caller leaves alone until Keep, which must come before the next Write or Lend: they are read where
// they are.
func (f *Framer) Lend(p []byte) {
	switch {
	case f.failed != nil || len(p) == 0:
	case f.start == len(f.buf):
		f.buf, f.start, f.scanned, f.lent = p, 0, 0, true
	default:
		f.ahead = p
	}
}

// Keep ends Lend: what was not consumed is copied, and nothing is held where all was. Lines and data given before are no longer valid.
func (f *Framer) Keep() {
	rest := f.buf[f.start:]
	switch {
	case f.Buffered() == 0:
		f.buf, f.start, f.scanned = nil, 0, 0
	case f.lent:
		f.buf = append(make([]byte, 0, len(rest)+len(f.ahead)), rest...)
		f.scanned -= f.start
		f.start = 0
		fallthrough
	case len(f.ahead) > 0:
		f.makeRoom(len(f.ahead))
		f.buf = append(f.buf, f.ahead...)
	}
	f.lent, f.ahead = false, nil
}

// advance goes on to what was lent, where the buffer is used up; else it takes from it what ends the line that the buffer begins.
func (f *Framer) advance() {
	if len(f.ahead) == 0 {
		return
	}
	if f.start == len(f.buf) {
		f.buf, f.start, f.scanned, f.lent, f.ahead = f.ahead, 0, 0, true, nil
		return
	}
	n := bytes.IndexByte(f.ahead, '\n') + 1
	if n == 0 {
		n = len(f.ahead)
	}
	f.makeRoom(n)
	f.buf = append(f.buf, f.ahead[:n]...)
	f.ahead = f.ahead[n:]
}

// Write appends p, which may be reused at once. It never fails. After ErrBareLF and ErrLineTooLong it keeps nothing.
func (f *Framer) Write(p []byte) (int, error) {
	if f.failed != nil {
		return len(p), nil
	}
	f.makeRoom(len(p))
	f.buf = append(f.buf, p...)
	return len(p), nil
}

// makeRoom makes use of the room before start, where that saves growing the buffer. It moves no more octets than were
// consumed since the last move, so that moving costs no more than the stream has octets.
func (f *Framer) makeRoom(n int) {
	rest := len(f.buf) - f.start
	if len(f.buf)+n <= cap(f.buf) || rest > f.start {
		return
	}
	copy(f.buf, f.buf[f.start:])
	f.buf = f.buf[:rest]
	f.scanned -= f.start
	f.start = 0
}

// Buffered returns the number of octets that are not consumed.
func (f *Framer) Buffered() int { return len(f.buf) - f.start + len(f.ahead) }

// Line consumes and returns the next line without its CRLF. ok is false if no whole line is there yet. The line is valid
// until the next call.
//
// With ErrBareCR and ErrNUL ok is true and the line is consumed through its CRLF: it must be refused, and can be read for its
// tag. So it is with ErrBareLF, but the line ends before the LF, and it is the last: some take an LF for the end of a line and
// others do not, so that what is behind it has no one reading. From then on, and with ErrLineTooLong, ok is false and what was
// buffered is gone. The outcome does not depend on how the stream was cut by Write.
func (f *Framer) Line() (line []byte, ok bool, err error) {
	for f.failed == nil {
		buffered := len(f.buf) - f.start
		end := f.start + min(buffered, f.MaxLine)
		i := -1
		if f.scanned < end { // MaxLine may have become less than what was searched
			i = bytes.IndexByte(f.buf[f.scanned:end], '\n')
		}
		lf := f.scanned + i
		switch {
		case i < 0 && buffered >= f.MaxLine:
			f.fail(ErrLineTooLong)
		case i < 0 && len(f.ahead) == 0:
			f.scanned = max(f.scanned, end)
			return nil, false, nil
		case i < 0:
			f.scanned = max(f.scanned, end)
			f.advance()
		case lf == f.start || f.buf[lf-1] != '\r':
			line = f.buf[f.start:lf:lf]
			f.fail(ErrBareLF)
			return line, true, ErrBareLF
		default:
			line = f.buf[f.start : lf-1 : lf-1]
			f.consume(lf + 1 - f.start)
			return line, true, checkLine(line)
		}
	}
	return nil, false, f.failed
}

// Peek is what was not consumed, as far as it lies in one piece. It is valid until the next call.
func (f *Framer) Peek() []byte {
	if f.start == len(f.buf) {
		f.advance()
	}
	return f.buf[f.start:]
}

// Skip consumes the first n octets of what Peek gave: whole lines, each of no more than MaxLine octets.
func (f *Framer) Skip(n int) { f.consume(n) }

func (f *Framer) fail(err error) {
	f.Reset()
	f.failed = err
}

// checkLine looks for what no line may contain.
func checkLine(line []byte) error {
	switch {
	case bytes.IndexByte(line, 0) >= 0:
		return ErrNUL
	case bytes.IndexByte(line, '\r') >= 0:
		return ErrBareCR
	}
	return nil
}

// Take consumes and returns at most n octets as they are: the data of a literal. They are valid until the next call.
func (f *Framer) Take(n uint64) []byte {
	if f.start == len(f.buf) {
		f.advance()
	}
	end := f.start + int(min(n, uint64(len(f.buf)-f.start)))
	data := f.buf[f.start:end:end]
	f.consume(len(data))
	return data
}

func (f *Framer) consume(n int) {
	f.start += n
	f.scanned = f.start
}

// Reset forgets all that was written, as STARTTLS must (RFC 9051 section 6.2.1).
func (f *Framer) Reset() { *f = Framer{MaxLine: f.MaxLine} }
