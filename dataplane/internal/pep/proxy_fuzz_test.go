package pep

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/gatepost/gatepost/dataplane/internal/corpus"
)

// FuzzProxyHeader: whatever comes in place of a header, in whatever pieces, no octet behind the header is taken, what is taken is bounded,
// and what is believed names both ends.
func FuzzProxyHeader(f *testing.F) {
	corpus.Add(f, "testdata/FuzzProxyHeader.corpus")
	for _, s := range []string{
		headerV1, headerV2, localV2, "PROXY UNKNOWN\r\n", "PROXY UNKNOWN anything at all\r\n", "PROXY TCP6 ::1 ::1 1 1\r\n", "PROXY TCP4 1.1.1.1 1.1.1.1 0 0\r\nPROXY",
		sigV2 + "\x21\x31\x00\xd8" + string(make([]byte, 216)), sigV2 + "\x20\x11\x00\x00", sigV2 + "\x21\x21\x00\x24" + string(make([]byte, 36)), "a1 NOOP\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		whole := bytes.NewReader(octets)
		h, err := proxyHeader(whole)
		if taken := len(octets) - whole.Len(); taken > headV2+4096 {
			t.Fatalf("%d octets were taken", taken)
		}
		apart := bytes.NewReader(octets)
		h2, err2 := proxyHeader(iotest.OneByteReader(apart))
		if (err == nil) != (err2 == nil) || whole.Len() != apart.Len() {
			t.Fatalf("in one piece %v and %d left; octet by octet %v and %d left", err, whole.Len(), err2, apart.Len())
		}
		if err != nil {
			return
		}
		if !h.EqualsTo(h2) {
			t.Fatalf("%+v and %+v", h, h2)
		}
		if !h.Command.IsLocal() && (h.SourceAddr == nil || h.DestinationAddr == nil) {
			t.Fatalf("%+v names no client", h)
		}
		end := len(octets) - whole.Len()
		if h.Version == 1 && octets[end-1] != '\n' {
			t.Fatalf("taken up to %q", octets[:end])
		}
		again := bytes.NewReader(octets[:end])
		if _, err := proxyHeader(again); err != nil {
			t.Fatalf("the header alone: %v", err)
		}
		if _, err := proxyHeader(io.LimitReader(bytes.NewReader(octets), int64(end-1))); err == nil {
			t.Fatal("the header without its last octet is one")
		}
	})
}
