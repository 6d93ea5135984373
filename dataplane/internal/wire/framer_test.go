package wire

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	for _, tc := range []struct {
		note, stream string
		line         string
		ok           bool
		err          error
		left         int
	}{
		{"nothing came", "", "", false, nil, 0},
		{"no end yet", "a NOOP", "", false, nil, 6},
		{"half an end", "a NOOP\r", "", false, nil, 7},
		{"a line", "a NOOP\r\n", "a NOOP", true, nil, 0},
		{"an empty line", "\r\n", "", true, nil, 0},
		{"a line and more", "a NOOP\r\nb", "a NOOP", true, nil, 1},
		{"8-bit is left to the scanner", "a \xff\r\n", "a \xff", true, nil, 0},
		{"hazard 1: a bare LF", "a NOOP\nb NOOP\r\nc", "a NOOP", true, ErrBareLF, 0},
		{"hazard 1: an LF at once", "\n\r\n", "", true, ErrBareLF, 0},
		{"hazard 1: a bare LF behind NUL and CR", "a\x00\rb\n", "a\x00\rb", true, ErrBareLF, 0},
		{"hazard 1: a bare CR", "a NOOP\rb NOOP\r\n", "a NOOP\rb NOOP", true, ErrBareCR, 0},
		{"hazard 1: two CR", "a NOOP\r\r\n", "a NOOP\r", true, ErrBareCR, 0},
		{"hazard 1: LF CR", "a NOOP\n\rb\r\n", "a NOOP", true, ErrBareLF, 0},
		{"hazard 1: NUL", "a NO\x00OP\r\n", "a NO\x00OP", true, ErrNUL, 0},
	} {
		t.Run(tc.note, func(t *testing.T) {
			f := Framer{MaxLine: 100}
			f.Write([]byte(tc.stream))
			line, ok, err := f.Line()
			if string(line) != tc.line || ok != tc.ok || err != tc.err || f.Buffered() != tc.left {
				t.Errorf("%q, %v, %v with %d octets left", line, ok, err, f.Buffered())
			}
		})
	}
}

func TestMaxLineCountsTheCRLF(t *testing.T) {
	for _, tc := range []struct {
		note, stream string
		line         string
		ok           bool
		err          error
	}{
		{"as long as may be", "12345678\r\n", "12345678", true, nil},
		{"one longer", "123456789\r\n", "", false, ErrLineTooLong},
		{"not yet too long", "12345678\r", "", false, nil},
		{"too long without its end", "1234567890", "", false, ErrLineTooLong},
		{"the CR is the last", "123456789\r", "", false, ErrLineTooLong},
		{"a bare LF within it", "123456789\n", "123456789", true, ErrBareLF},
		{"a bare LF behind it", "1234567890\n", "", false, ErrLineTooLong},
	} {
		t.Run(tc.note, func(t *testing.T) {
			f := Framer{MaxLine: 10}
			f.Write([]byte(tc.stream))
			line, ok, err := f.Line()
			if string(line) != tc.line || ok != tc.ok || err != tc.err {
				t.Errorf("%q, %v, %v", line, ok, err)
			}
		})
	}
}

func TestMaxLineMayChangeBetweenLines(t *testing.T) {
	f := Framer{MaxLine: 4}
	f.Write([]byte("a\r\nlonger\r\nlonger\r\n"))
	wantLine(t, &f, "a")
	f.MaxLine = math.MaxInt
	wantLine(t, &f, "longer")
	f.MaxLine = 4
	if _, ok, err := f.Line(); ok || err != ErrLineTooLong {
		t.Errorf("ok %v, error %v; want ErrLineTooLong", ok, err)
	}
}

func TestAFramerWithoutMaxLineTakesNothing(t *testing.T) {
	var f Framer
	f.Write([]byte("a\r\n"))
	if _, ok, err := f.Line(); ok || err != ErrLineTooLong {
		t.Errorf("ok %v, error %v; want ErrLineTooLong", ok, err)
	}
}

func TestALineTooLongIsPermanentUntilReset(t *testing.T) {
	f := Framer{MaxLine: 5}
	f.Write([]byte("123456"))
	for range 2 {
		if _, ok, err := f.Line(); ok || err != ErrLineTooLong {
			t.Fatalf("ok %v, error %v; want ErrLineTooLong", ok, err)
		}
		f.Write([]byte("\r\na\r\n"))
		if data := f.Take(5); f.Buffered() != 0 || len(data) != 0 {
			t.Fatalf("%d octets are kept, %q can be taken", f.Buffered(), data)
		}
	}
	f.Reset()
	f.Write([]byte("a\r\n"))
	wantLine(t, &f, "a")
}

// What some would take for the next line is not given, whoever asks.
func TestABareLFIsPermanentUntilReset(t *testing.T) {
	f := Framer{MaxLine: 100}
	f.Write([]byte("a NOOP {5+}\nb DELETE x\r\n"))
	if line, ok, err := f.Line(); string(line) != "a NOOP {5+}" || !ok || err != ErrBareLF {
		t.Fatalf("%q, %v, %v", line, ok, err)
	}
	for range 2 {
		if line, ok, err := f.Line(); ok || err != ErrBareLF {
			t.Fatalf("%q, %v, %v", line, ok, err)
		}
		if data := f.Take(5); f.Buffered() != 0 || len(data) != 0 {
			t.Fatalf("%d octets are kept, %q can be taken", f.Buffered(), data)
		}
		f.Write([]byte("c DELETE x\r\n"))
	}
	f.Reset()
	f.Write([]byte("d NOOP\r\n"))
	wantLine(t, &f, "d NOOP")
}

func TestTakeGivesOctetsAsTheyAre(t *testing.T) {
	f := Framer{MaxLine: 100}
	f.Write([]byte("a {9}\r\n\x00\r\n\nb\r\xff}{ c\r\nd"))
	wantLine(t, &f, "a {9}")
	if got := f.Take(4); string(got) != "\x00\r\n\n" {
		t.Errorf("took %q", got)
	}
	if got := f.Take(5); string(got) != "b\r\xff}{" {
		t.Errorf("took %q", got)
	}
	wantLine(t, &f, " c")
	if got := f.Take(math.MaxUint64); string(got) != "d" {
		t.Errorf("took %q", got)
	}
	if got := f.Take(1); len(got) != 0 {
		t.Errorf("took %q of nothing", got)
	}
}

func TestResetForgetsWhatIsBuffered(t *testing.T) {
	f := Framer{MaxLine: 100}
	f.Write([]byte("a STARTTLS\r\nb LOGIN u p\r\n"))
	wantLine(t, &f, "a STARTTLS")
	f.Reset()
	if _, ok, err := f.Line(); ok || err != nil || f.Buffered() != 0 {
		t.Errorf("ok %v, error %v, %d octets buffered", ok, err, f.Buffered())
	}
	f.Write([]byte("c NOOP\r\n"))
	wantLine(t, &f, "c NOOP")
}

func TestWhatWasReturnedHoldsUntilTheNextWrite(t *testing.T) {
	f := Framer{MaxLine: 100}
	stream := []byte("first\r\nsecond\r\nthird")
	f.Write(stream)
	clear(stream) // a Framer keeps its own copy
	first, _, _ := f.Line()
	second, _, _ := f.Line()
	third := f.Take(5)
	f.Line()
	_ = append(first, "overwrites?"...)
	_ = append(second, "overwrites?"...)
	if string(first) != "first" || string(second) != "second" || string(third) != "third" {
		t.Errorf("%q, %q, %q", first, second, third)
	}
}

func TestFramesDoNotDependOnTheSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9051))
	for range 2000 {
		stream := randomStream(random)
		want := referenceFrames(stream, 40)
		whole := frames(stream, 40, nil)
		if !slices.Equal(whole, want) {
			t.Fatalf("%q\n got %q\nwant %q", stream, whole, want)
		}
		if single := frames(stream, 40, bytes.Repeat([]byte{1}, len(stream))); !slices.Equal(single, want) {
			t.Fatalf("%q, octet by octet\n got %q\nwant %q", stream, single, want)
		}
		cuts := make([]byte, random.IntN(20))
		for i := range cuts {
			cuts[i] = byte(random.IntN(12))
		}
		if cut := frames(stream, 40, cuts); !slices.Equal(cut, want) {
			t.Fatalf("%q, cut by %v\n got %q\nwant %q", stream, cuts, cut, want)
		}
	}
}

func TestEverySplitInTwo(t *testing.T) {
	const stream = "a1 LOGIN {3+}\r\nb\r\n {4}\r\npass\r\na2 NOOP\nX\r\n* \x00\r\na3 APPEND x ~{0}\r\n\r\n\r\ntail\r"
	want := referenceFrames([]byte(stream), 64)
	for i := range len(stream) + 1 {
		f := Framer{MaxLine: 64}
		var r frameReader
		r.read(&f, []byte(stream[:i]), false)
		r.read(&f, []byte(stream[i:]), false)
		if got := r.end(&f); !slices.Equal(got, want) {
			t.Errorf("split at %d\n got %q\nwant %q", i, got, want)
		}
	}
}

func TestAnOctetIsSearchedOnce(t *testing.T) {
	f := Framer{MaxLine: 1 << 20}
	for i := range 1 << 16 {
		f.Write([]byte{'x'})
		if before := f.scanned; before != i {
			t.Fatalf("the search starts at %d of %d octets", before, i)
		}
		if _, ok, err := f.Line(); ok || err != nil || f.scanned != i+1 {
			t.Fatalf("ok %v, error %v, searched %d of %d", ok, err, f.scanned, i+1)
		}
	}
	f.Write([]byte("\r\n"))
	wantLine(t, &f, strings.Repeat("x", 1<<16))
}

func TestAnOctetIsMovedOnceAtMost(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 9051))
	f := Framer{MaxLine: 1 << 20}
	line := []byte("* 12 FETCH (UID 17 FLAGS (\\Seen))\r\n")
	chunk := bytes.Repeat(line, 200)
	written, moved := 0, 0
	for range 10_000 {
		p := chunk[:1+random.IntN(len(chunk))]
		start, rest, fits := f.start, f.Buffered(), len(f.buf)+len(p) <= cap(f.buf)
		f.Write(p)
		written += len(p)
		if f.start < start {
			moved += rest
		}
		if fits && f.start != start {
			t.Fatalf("%d octets were moved without need", rest)
		}
		for range random.IntN(200) {
			f.Line()
		}
		if f.Buffered() > 32<<10 {
			f.Take(math.MaxUint64)
		}
	}
	if moved > written {
		t.Errorf("%d octets were moved, %d written", moved, written)
	}
	if cap(f.buf) > 256<<10 {
		t.Errorf("the buffer grew to %d octets", cap(f.buf))
	}
}

func TestAnIdleFramerHoldsNothing(t *testing.T) {
	f := Framer{MaxLine: 1 << 20}
	read := func() {
		for ok := true; ok; {
			_, ok, _ = f.Line()
		}
		f.Keep()
	}
	lines := bytes.Repeat([]byte("* 1 EXISTS\r\n"), 10_000)
	f.Write(lines)
	read()
	if f.buf != nil {
		t.Errorf("%d octets are held of what was written", cap(f.buf))
	}
	f.Lend(lines)
	read()
	if f.buf != nil {
		t.Errorf("%d octets are held of what was lent", cap(f.buf))
	}
	f.Lend(lines[:len(lines)-1])
	read()
	if cap(f.buf) > 16 {
		t.Errorf("%d octets are held of a part of a line", cap(f.buf))
	}
}

func TestFramerErrorsAreOfThePackage(t *testing.T) {
	for _, err := range []error{ErrBareCR, ErrBareLF, ErrNUL, ErrLineTooLong, ErrLiteralHeader, error(&SyntaxError{3, "a tag"})} {
		if !strings.HasPrefix(err.Error(), "wire: ") {
			t.Errorf("%q", err)
		}
	}
	var syntax *SyntaxError
	_, err := new(Scanner).Command([]byte("a1 LOGIN  x"))
	if !errors.As(err, &syntax) || err.Error() != "wire: offset 9: expected an argument" {
		t.Errorf("%v", err)
	}
}

func wantLine(t *testing.T, f *Framer, want string) {
	t.Helper()
	line, ok, err := f.Line()
	if string(line) != want || !ok || err != nil {
		t.Fatalf("line %q, ok %v, error %v; want %q", line, ok, err, want)
	}
}
