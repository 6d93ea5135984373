package decisionlog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxLine is the length of a line, or of an element of an array, in octets. The decider's questions are far below.
const maxLine = 16 << 20

// Counts say what files held.
type Counts struct {
	// Records are those read, Other is what is no record of the decider's: other lines, and decisions on other paths.
	Records, Other int
}

// Read reads files in order ("-": standard input) and calls each for each record, which may end the reading with ErrEnd. Lines that
// are no JSON are counted: the console may have other things. The error names file and line.
func Read(names []string, each func(*Record) error) (c Counts, err error) {
	for _, name := range names {
		err := readFile(name, &c, each)
		if errors.Is(err, ErrEnd) {
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// ErrEnd ends a Read.
var ErrEnd = errors.New("decisionlog: no more is wanted")

func readFile(name string, c *Counts, each func(*Record) error) error {
	var in io.Reader = os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	b := bufio.NewReader(in)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer z.Close()
		b = bufio.NewReader(z)
	}
	if first, _ := b.Peek(1); bytes.Equal(first, []byte("[")) {
		return readArray(name, b, c, each)
	}
	return readLines(name, b, c, each)
}

func readLines(name string, in io.Reader, c *Counts, each func(*Record) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		text := bytes.TrimSpace(lines.Bytes())
		switch {
		case len(text) == 0:
			continue
		case !json.Valid(text):
			c.Other++
			continue
		}
		if err := take(fmt.Sprintf("%s:%d", name, n), text, c, each); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", name, n, err)
	}
	return nil
}

// readArray reads arrays, one behind the other.
func readArray(name string, in io.Reader, c *Counts, each func(*Record) error) error {
	dec := json.NewDecoder(in)
	for n := 0; ; {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		for ; err == nil && dec.More(); n++ {
			var text json.RawMessage
			if err = dec.Decode(&text); err != nil {
				break
			}
			if err := take(fmt.Sprintf("%s[%d]", name, n), text, c, each); err != nil {
				return err
			}
		}
		if err == nil {
			_, err = dec.Token()
		}
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", name, n, err)
		}
	}
}

func take(source string, text []byte, c *Counts, each func(*Record) error) error {
	r, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if r == nil {
		c.Other++
		return nil
	}
	c.Records++
	r.Source = source
	return each(r)
}
