package syntax

import (
	"errors"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// Response is a server's response, or a continuation request. It refers to the bytes it was parsed from.
type Response struct {
	// Raw is the response without its final CRLF, up to the first literal that was not collected.
	Raw []byte
	// Kind tells untagged, tagged and continuation apart.
	Kind wire.ResponseKind
	// Tag is the tag; nil unless Kind is wire.TaggedResponse.
	Tag []byte
	// Name is the response name in upper case: "OK", "FETCH", "EXISTS", ...; "" for a continuation.
	Name string
	// Status: the response is OK, NO, BAD, BYE or PREAUTH; its text is never scanned for a literal. A continuation counts
	// as one.
	Status bool
	// Number is the number before the name, where HasNumber.
	Number    uint32
	HasNumber bool
	// Rest is the offset in Raw of what follows the name and a space.
	Rest int
	// Code and Text are a status response's response code without brackets (nil: none) and its text.
	Code, Text []byte
	// Args are the tokens behind the name, where they were asked for; nil for a status response.
	Args []wire.Token
	// Truncated: Raw ends before a literal that was not collected.
	Truncated bool
}

// ErrResponse is a response that its grammar does not derive.
var ErrResponse = errors.New("syntax: malformed response")

// ParseResponse parses a response without its final CRLF. Without withArgs line is one line, and of what is behind the name
// only a status response's code is looked at. With withArgs it may hold literals behind their header and CRLF, and all of it is
// tokenized; the Response is then returned even if that fails, without Args. The error is ErrResponse or a *wire.SyntaxError.
//
// line must not change while the Response is used.
func (p *Parser) ParseResponse(line []byte, withArgs bool) (*Response, error) {
	head, err := wire.Response(line)
	if err != nil {
		return nil, err
	}
	r := &Response{Raw: line, Kind: head.Kind, Number: head.Number, HasNumber: head.HasNumber, Rest: head.Rest}
	if head.Kind == wire.TaggedResponse {
		r.Tag = line[head.Tag.Start:head.Tag.End]
	}
	r.Name = responseName(line[head.Name.Start:head.Name.End])
	r.Status = isStatus(r.Name) && !r.HasNumber || head.Kind == wire.Continuation
	if r.Status {
		var ok bool
		if r.Code, r.Text, ok = splitCode(line[r.Rest:]); !ok {
			return nil, ErrResponse
		}
		return r, nil
	}
	if head.Kind == wire.TaggedResponse { // response-tagged is a status response
		return nil, ErrResponse
	}
	if withArgs {
		return r, p.responseArgs(r)
	}
	_, start, ok, err := wire.ParseLiteralHeader(line)
	r.Truncated = ok && start >= r.Rest
	return r, err
}

// responseArgs tokenizes what is behind the name.
func (p *Parser) responseArgs(r *Response) error {
	p.Scanner.UTF8 = true // what a server sends is not ours to refuse for its charset
	p.Scanner.Literal8 = true
	tokens, err := p.Scanner.Arguments(r.Raw, r.Rest, r.Name == "FETCH" || r.Name == "UIDFETCH")
	if err != nil {
		return err
	}
	if n := len(tokens); n > 0 {
		r.Args = slices.Clone(tokens)
		r.Truncated = tokens[n-1].Pending
	}
	return nil
}

// isStatus reports whether name is that of a status response (RFC 9051 section 7.1).
func isStatus(name string) bool {
	switch name {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

// Delimiter is the server's hierarchy delimiter, where the response tells it: LIST and its kin, and NAMESPACE, of which the
// first namespace counts. "" if it does not tell, if names have no hierarchy, or if it was parsed without its arguments.
func (r *Response) Delimiter() string {
	switch {
	case r.isList():
		return r.delimiter(r.Args[r.Args[0].Next])
	case r.Name == "NAMESPACE":
		// ((prefix delimiter ...) ...) or NIL, three times
		for i, t := range r.Args {
			if t.Kind == wire.List && int(t.Next) > i+3 && r.Args[i+1].Kind == wire.List {
				return r.delimiter(r.Args[i+3])
			}
		}
	}
	return ""
}

// delimiter is the text of a token that is one character in quotes.
func (r *Response) delimiter(t wire.Token) string {
	text := wire.Text(r.Raw, t, make([]byte, 0, 4))
	if t.Kind != wire.Quoted || len(text) != 1 {
		return ""
	}
	return string(text)
}
