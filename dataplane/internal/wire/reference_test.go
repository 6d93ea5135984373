package wire

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The slow and plain second implementations that the fast ones are compared with. They share no code with them.

var (
	headerRE      = regexp.MustCompile(`~?\{(0|[1-9][0-9]*)\+?\}$`)
	headerAlikeRE = regexp.MustCompile(`(?s)\{[^"]*\}$`)
)

// referenceFrames cuts a whole stream into frames, written as frameReader writes them.
func referenceFrames(stream []byte, maxLine int) (out []string) {
	rest := string(stream)
	for {
		line, behind, found := strings.Cut(rest, "\n")
		switch {
		case found && len(line)+1 > maxLine, !found && len(rest) >= maxLine:
			return append(out, "too long")
		case !found:
			return append(out, "rest "+strconv.Itoa(len(rest)))
		}
		rest = behind
		line, whole := strings.CutSuffix(line, "\r")
		if !whole {
			return append(out, "bad line "+line, "bare LF")
		}
		word := "line "
		if strings.ContainsAny(line, "\x00\r") {
			word = "bad line "
		}
		out = append(out, word+line)
		if m := headerRE.FindStringSubmatch(line); m != nil {
			size, err := strconv.ParseUint(m[1], 10, 63)
			if err != nil {
				return append(out, "no frame")
			}
			n := int(min(size, uint64(len(rest))))
			out = append(out, fmt.Sprintf("literal %d of %d %s", n, size, rest[:n]))
			rest = rest[n:]
			if uint64(n) < size {
				return append(out, "rest 0")
			}
		} else if headerAlikeRE.MatchString(line) {
			return append(out, "no frame")
		}
	}
}

// frameReader collects what a Framer gives as text.
type frameReader struct {
	out     []string
	literal bool
	size    uint64
	data    []byte
	over    bool
}

// read writes p to f, or lends it, and reads until f has no more.
func (r *frameReader) read(f *Framer, p []byte, lend bool) {
	if lend {
		p = bytes.Clone(p)
		f.Lend(p)
		defer func() {
			f.Keep()
			for i := range p {
				p[i] = '!'
			}
		}()
	} else {
		f.Write(p)
	}
	for !r.over {
		if r.literal {
			data := f.Take(r.size - uint64(len(r.data)))
			r.data = append(r.data, data...)
			if uint64(len(r.data)) < r.size {
				if len(data) > 0 {
					continue
				}
				return
			}
			r.endLiteral()
			continue
		}
		line, ok, err := f.Line()
		switch {
		case err == ErrLineTooLong:
			r.stop("too long")
			continue
		case err == ErrBareLF:
			r.out = append(r.out, "bad line "+string(line))
			r.stop("bare LF")
			continue
		case !ok:
			return
		case err != nil:
			r.out = append(r.out, "bad line "+string(line))
		default:
			r.out = append(r.out, "line "+string(line))
		}
		h, _, ok, err := ParseLiteralHeader(line)
		if err != nil {
			r.stop("no frame")
		}
		r.literal, r.size = ok, h.Size
	}
}

func (r *frameReader) endLiteral() {
	r.out = append(r.out, fmt.Sprintf("literal %d of %d %s", len(r.data), r.size, r.data))
	r.literal, r.data = false, nil
}

func (r *frameReader) stop(why string) {
	r.out = append(r.out, why)
	r.over = true
}

func (r *frameReader) end(f *Framer) []string {
	switch {
	case r.over:
	case r.literal:
		r.endLiteral()
		r.out = append(r.out, "rest 0")
	default:
		r.out = append(r.out, "rest "+strconv.Itoa(f.Buffered()))
	}
	return r.out
}

// frames gives the frames of a stream that comes in pieces whose lengths are cuts, in turn. No cuts: in one piece. They are the same
// whether the pieces are written, lent, or one and then the other.
func frames(stream []byte, maxLine int, cuts []byte) []string {
	var out [3][]string
	for way := range out {
		f := Framer{MaxLine: maxLine}
		var r frameReader
		rest := stream
		for i, n := range cuts {
			n := min(int(n), len(rest))
			r.read(&f, rest[:n], way == 1 || way == 2 && i%2 == 0)
			rest = rest[n:]
		}
		r.read(&f, rest, way > 0)
		out[way] = r.end(&f)
		if !slices.Equal(out[way], out[0]) {
			panic(fmt.Sprintf("lent: %q, written: %q", out[way], out[0]))
		}
	}
	return out[0]
}

// terminals are what streams and commands are made of.
var terminals = []string{
	"\r\n", "\r\n", "\r\n", "\r", "\n", "\x00", " ", " ", " ", " ", "  ", "(", ")", "()", ")(", "[", "]", "<0.100>", "\"", "\\", `\"`, `\\`,
	`""`, `"a b"`, `"\""`, `"\x"`, "{", "}", "~", "{0}", "{3}", "{3}", "{3+}", "~{3}", "~{2+}", "{05}", "{}", "{+}", "{5 }", "{-1}",
	"{99999999999999999999}", "{1}\r\nx", "{3+}\r\na\r\n", "{0}\r\n", "a1", "*", "+", "%", "$", "1:*", "1,2:3", "NOOP", "UID", "FETCH", "LOGIN",
	"BODY", "BODY[", "BODY.PEEK[", "binary.size[", "BODYX[", "TEXT]", "HEADER.FIELDS (DATE)", `\Seen`, `\*`, "NIL", "INBOX", "[Gmail]/x", "é", "\xff", "\x7f",
	"abc", "0", "17",
}

func randomStream(random *rand.Rand) []byte {
	var b []byte
	for range random.IntN(24) {
		b = append(b, terminals[random.IntN(len(terminals))]...)
	}
	return b
}

// reference parses arguments by recursive descent, with regular expressions, into the notation of tree.
type reference struct {
	utf8, literal8, sections, adjacent bool
	depth, tokens                      int

	rest    string
	count   int
	pending bool
}

const (
	atomSet    = "!#$&'+,\\-./0-9:;<=>?@A-Z\\[^_`a-z|}~"
	sectionSet = "!#$&'+,\\-./0-9:;<=>?@A-Z^_`a-z|}~%*"
)

var (
	atomRE        = regexp.MustCompile("^[" + atomSet + "\\]%*]+")
	sectionAtomRE = regexp.MustCompile("^[" + sectionSet + "]+")
	itemRE        = regexp.MustCompile(`(?i)^(BODY|BODY\.PEEK|BINARY|BINARY\.PEEK|BINARY\.SIZE)\[`)
	flagRE        = regexp.MustCompile(`^\\(?:[` + atomSet + `]+|\*)`)
	asciiRE       = regexp.MustCompile(`^"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\])*)"`)
	utf8RE        = regexp.MustCompile(`^"((?:[^"\\\r\n\x00]|\\["\\])*)"`)
	literalRE     = regexp.MustCompile(`^(~?)\{(0|[1-9][0-9]*)(\+?)\}`)
	escapeRE      = regexp.MustCompile(`\\(.)`)
)

// list parses items up to the closing, or up to the end if closing is empty. depth counts the lists around.
func (r *reference) list(closing string, depth int, section bool) (out string, ok bool) {
	if depth > r.depth {
		return "", false
	}
	if r.eat(closing) && closing != "" {
		return closing, true
	}
	for separator := ""; ; {
		item, ok := r.item(depth, section)
		if !ok {
			return "", false
		}
		out += separator + item
		switch {
		case r.pending:
			return out, true
		case r.rest == "":
			return out, closing == ""
		case closing != "" && r.eat(closing):
			return out + closing, true
		case r.eat(" "):
			separator = " "
		case r.adjacent && strings.HasSuffix(item, ")") && strings.HasPrefix(r.rest, "("):
			separator = ""
		default:
			return "", false
		}
	}
}

func (r *reference) item(depth int, section bool) (string, bool) {
	r.count++
	if r.count > r.tokens {
		return "", false
	}
	switch {
	case r.eat("("):
		items, ok := r.list(")", depth+1, section)
		return "(" + items, ok
	case strings.HasPrefix(r.rest, `"`):
		return r.quoted()
	case strings.HasPrefix(r.rest, "{"), strings.HasPrefix(r.rest, "~{"):
		return r.literal()
	case strings.HasPrefix(r.rest, `\`):
		flag := flagRE.FindString(r.rest)
		return flag, r.eat(flag) && flag != ""
	case section:
		atom := sectionAtomRE.FindString(r.rest)
		return atom, r.eat(atom) && atom != ""
	}
	if m := itemRE.FindStringSubmatch(r.rest); r.sections && m != nil {
		return r.dataItem(m[1], depth)
	}
	atom := atomRE.FindString(r.rest)
	return atom, r.eat(atom) && atom != ""
}

// dataItem parses BODY[section]<partial>.
func (r *reference) dataItem(name string, depth int) (string, bool) {
	r.eat(name + "[")
	r.count++
	if r.count > r.tokens {
		return "", false
	}
	items, ok := r.list("]", depth+1, true)
	out := name + "[" + items
	if !ok || r.pending || !strings.HasPrefix(r.rest, "<") {
		return out, ok
	}
	r.count++
	if r.count > r.tokens {
		return "", false
	}
	partial := atomRE.FindString(r.rest)
	return out + partial, r.eat(partial)
}

func (r *reference) quoted() (string, bool) {
	re := asciiRE
	if r.utf8 {
		re = utf8RE
	}
	m := re.FindStringSubmatch(r.rest)
	if m == nil || !utf8.ValidString(m[0]) {
		return "", false
	}
	return strconv.Quote(escapeRE.ReplaceAllString(m[1], "$1")), r.eat(m[0])
}

func (r *reference) literal() (string, bool) {
	m := literalRE.FindStringSubmatch(r.rest)
	if m == nil || m[1] != "" && !r.literal8 {
		return "", false
	}
	size, err := strconv.ParseUint(m[2], 10, 63)
	if err != nil || !r.eat(m[0]) {
		return "", false
	}
	out := m[1] + "{" + m[2] + "}"
	if r.rest == "" {
		r.pending = true
		return out, true
	}
	if !r.eat("\r\n") || uint64(len(r.rest)) < size {
		return "", false
	}
	data := r.rest[:size]
	r.rest = r.rest[size:]
	return out + strconv.Quote(data), true
}

func (r *reference) eat(prefix string) bool {
	rest, ok := strings.CutPrefix(r.rest, prefix)
	r.rest = rest
	return ok
}

// tree writes tokens in a notation in which two are equal if and only if they mean the same: quoted strings and literal data as Go
// strings, pending literals without data, open lists without their end. It walks by Next, as Append does not.
func tree(raw []byte, tokens []Token) string {
	var out strings.Builder
	writeTree(&out, raw, tokens, 0, uint32(len(tokens)))
	return out.String()
}

func writeTree(out *strings.Builder, raw []byte, tokens []Token, i, end uint32) {
	for first := i; i < end; i = tokens[i].Next {
		t := tokens[i]
		if i > first && !t.Joined {
			out.WriteByte(' ')
		}
		text := string(Text(raw, t, nil))
		switch t.Kind {
		case Atom:
			out.WriteString(text)
		case Quoted:
			out.WriteString(strconv.Quote(text))
		case Literal:
			if t.Header.Binary {
				out.WriteByte('~')
			}
			fmt.Fprintf(out, "{%d}", t.Header.Size)
			if !t.Pending {
				out.WriteString(strconv.Quote(text))
			}
		case List, Section:
			out.WriteByte(text[0])
			writeTree(out, raw, tokens, i+1, t.Next)
			if closing := text[len(text)-1]; closing == ')' || closing == ']' {
				out.WriteByte(closing)
			}
		}
	}
}
