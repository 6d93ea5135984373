package transcript

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// Cut says into what pieces the input is cut.
type Cut func(data []byte) (n int)

// Whole feeds a line at once.
func Whole(data []byte) int { return len(data) }

// Bytewise feeds single octets.
func Bytewise([]byte) int { return 1 }

// Random feeds pieces of random length; the same seed gives the same pieces.
func Random(seed uint64) Cut {
	r := rand.New(rand.NewPCG(seed, seed))
	return func(data []byte) int { return 1 + r.IntN(len(data)) }
}

// driver plays both peers and, unless there is a judge, the decider.
type driver struct {
	s     *session.Session
	cut   Cut
	auto  bool
	judge *judge
	open  []session.Ask
	got   output
	err   error
}

// Run plays the transcript and returns what differs; "" if nothing does.
func (t *Transcript) Run(cut Cut) string {
	var diff strings.Builder
	t.play(&driver{s: session.New(t.Config), cut: cut}, func(st *step, got output, err error) {
		if err != nil {
			fmt.Fprintf(&diff, "%s\n\t%v\n", st.source, err)
		}
		if want, got := st.want.String(), got.String(); want != got {
			fmt.Fprintf(&diff, "%s\nwant:\n%sgot:\n%s", st.source, want, got)
		}
	})
	return diff.String()
}

// Update is the transcript with the output that it really has.
func (t *Transcript) Update() []byte {
	var b strings.Builder
	t.play(&driver{s: session.New(t.Config), cut: Whole}, func(st *step, got output, _ error) {
		b.WriteString(st.source + "\n")
		if st.do != nil {
			b.WriteString(got.String())
		}
	})
	return t.with(b.String())
}

// with is the file with another session.
func (t *Transcript) with(text string) []byte {
	for i, f := range t.archive.Files {
		if f.Name == "session" {
			t.archive.Files[i].Data = []byte(text)
		}
	}
	return txtar.Format(t.archive)
}

func (t *Transcript) play(d *driver, each func(*step, output, error)) {
	for i := range t.steps {
		st := &t.steps[i]
		d.got, d.err = output{}, nil
		if st.do != nil {
			wasClosed := d.s.Closing(session.Client)
			st.do(d)
			d.drain()
			d.got.closed = d.s.Closing(session.Client) && !wasClosed
		}
		each(st, d.got, d.err)
	}
}

// feed gives the session octets, as fast as it takes them.
func (d *driver) feed(side session.Side, data []byte) {
	for len(data) > 0 {
		want := d.s.Wants(side)
		if want == 0 {
			if !d.s.Closing(side) {
				d.err = fmt.Errorf("the session does not take %d octets of the %s", len(data), side)
			}
			return
		}
		n := min(d.cut(data), want, len(data))
		d.s.Feed(side, data[:n])
		data = data[n:]
		d.drain()
	}
}

// drain takes everything that the session has to say.
func (d *driver) drain() {
	d.got.toSrvr = append(d.got.toSrvr, d.s.Take(session.Server, nil)...)
	d.got.toClient = append(d.got.toClient, d.s.Take(session.Client, nil)...)
	for e, ok := d.s.Event(); ok; e, ok = d.s.Event() {
		if text := describeEvent(e); text != "" {
			d.got.events = append(d.got.events, text)
		}
	}
	for a, ok := d.s.Ask(); ok; a, ok = d.s.Ask() {
		d.open = append(d.open, a)
		if !d.auto {
			d.got.asked = append(d.got.asked, describe(a.Question))
		}
	}
	switch {
	case len(d.open) == 0:
	case d.judge != nil:
		d.judgeAll()
	case d.auto:
		d.answerAll()
	}
}

func (d *driver) answerAll() {
	accept, _ := parseVerdict("ACCEPT")
	for len(d.open) > 0 {
		d.answer(0, accept)
		d.drain()
	}
}

func (d *driver) answer(n int, a answer) {
	if n >= len(d.open) {
		d.err = fmt.Errorf("no such open question")
		return
	}
	ask := d.open[n]
	d.open = slices.Delete(d.open, n, n+1)
	dec, err := a(ask.Question)
	d.s.Resolve(ask.ID, dec, err)
}

func (d *driver) upgrade() {
	if _, ok := d.s.Upgrade(); !ok {
		d.err = fmt.Errorf("no handshake was asked for")
		return
	}
	d.s.Upgraded()
	if d.judge != nil {
		d.judge.secure = true
	}
}

// String is the output as it stands in a transcript.
func (o output) String() string { return o.text(nil) }

// text is String, with "=" for octets that are those of the input line; nil: with all of them.
func (o output) text(input []byte) string {
	var b strings.Builder
	for _, q := range o.asked {
		b.WriteString("?  " + q + "\n")
	}
	for _, v := range o.verdicts {
		b.WriteString("V: " + v + "\n")
	}
	for _, e := range o.events {
		b.WriteString("!  " + e + "\n")
	}
	for _, way := range []struct {
		prefix string
		data   []byte
	}{{">S ", o.toSrvr}, {">C ", o.toClient}} {
		if len(way.data) > 0 && bytes.Equal(way.data, input) {
			b.WriteString(way.prefix + "=\n")
		} else {
			lines(&b, way.prefix, way.data)
		}
	}
	if o.closed {
		b.WriteString("closed\n")
	}
	return b.String()
}

// lines prints octets as lines, those that are none in Go's quotes.
func lines(b *strings.Builder, prefix string, data []byte) {
	for len(data) > 0 {
		line, rest, whole := bytes.Cut(data, []byte("\r\n"))
		text := string(line)
		plain := whole && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, " ") && text != "=" && !strings.Contains(text, "  #") && !strings.HasSuffix(text, " ")
		for _, c := range line {
			plain = plain && c >= 0x20 && c < 0x7f
		}
		if !plain {
			text = strconv.Quote(string(data[:len(data)-len(rest)]))
		}
		b.WriteString(prefix + text + "\n")
		data = rest
	}
}
