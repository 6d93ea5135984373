package wire

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The bar is 200 MB/s on one core for server lines, and no allocation.

func BenchmarkServerLines(b *testing.B) {
	var flags, list, search bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&flags, "* %d FETCH (UID %d FLAGS (\\Seen $NotJunk))\r\n", i+1, i+1000)
		fmt.Fprintf(&list, "* LIST (\\HasNoChildren) \"/\" \"Archive/2024/%d\"\r\n", i)
	}
	search.WriteString("* SEARCH")
	for i := range 10_000 {
		fmt.Fprintf(&search, " %d", i+100_000)
	}
	search.WriteString("\r\n")
	b.Run("FetchFlags", func(b *testing.B) { benchmarkLines(b, flags.Bytes()) })
	b.Run("List", func(b *testing.B) { benchmarkLines(b, list.Bytes()) })
	b.Run("Search", func(b *testing.B) { benchmarkLines(b, search.Bytes()) })
	b.Run("Mixed", func(b *testing.B) { benchmarkLines(b, []byte(strings.Join(responses, "\r\n")+"\r\n")) })
}

// benchmarkLines feeds a stream again and again, as reads of 16 000 octets that end anywhere.
func benchmarkLines(b *testing.B, stream []byte) {
	const read = 16_000
	for len(stream) < read {
		stream = append(stream, stream...)
	}
	f := Framer{MaxLine: 1 << 20}
	b.SetBytes(read)
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		n := min(read, len(stream)-at)
		f.Write(stream[at : at+n])
		f.Write(stream[:read-n])
		at = (at + read) % len(stream)
		for {
			line, ok, err := f.Line()
			if err != nil {
				b.Fatal(err)
			}
			if !ok {
				break
			}
			if _, err := Response(line); err != nil {
				b.Fatalf("%q: %v", line, err)
			}
		}
	}
}

func BenchmarkCommands(b *testing.B) {
	for _, command := range ordinary {
		name := strings.Fields(command)[1]
		if name == "UID" {
			name += strings.Fields(command)[2]
		}
		if strings.Contains(command, "{") {
			name += "Literal"
		}
		b.Run(name, func(b *testing.B) {
			stream := []byte(command)
			f := Framer{MaxLine: 64 << 10}
			s := newScanner()
			raw := make([]byte, 0, 1024)
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				raw = readCommand(b, &f, s, raw, stream)
			}
		})
	}
}

// BenchmarkArguments is what a policy costs that looks into responses.
func BenchmarkArguments(b *testing.B) {
	raw := []byte(responses[5])
	h, err := Response(raw)
	if err != nil {
		b.Fatal(err)
	}
	s := newScanner()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Arguments(raw, h.Rest, true); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLineOctetByOctet is a line of 64 KiB that comes an octet at a time.
func BenchmarkLineOctetByOctet(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 64<<10-2), "\r\n"...)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		f := Framer{MaxLine: len(line)}
		lines := 0
		for i := range line {
			f.Write(line[i : i+1])
			if _, ok, _ := f.Line(); ok {
				lines++
			}
		}
		if lines != 1 {
			b.Fatalf("%d lines", lines)
		}
	}
}

func BenchmarkLiteral(b *testing.B) {
	chunk := make([]byte, 32<<10)
	f := Framer{MaxLine: 100}
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		f.Write(chunk)
		f.Take(uint64(len(chunk)))
	}
}
