package syntax

import "github.com/gatepost/gatepost/dataplane/internal/wire"

// Response is a server's response.
type Response struct {
	// Raw is the response without its final CRLF, up to the first literal that was not collected.
	Raw []byte
	// Tag is the tag; nil for an untagged response.
	Tag []byte
	// Name is the response name in upper case: "OK", "FETCH", "EXISTS", ...
	Name string
	// Status: the response is OK, NO, BAD, BYE or PREAUTH; its text is never scanned for a literal.
	Status bool
	// Number is the number before the name, where HasNumber.
	Number    uint32
	HasNumber bool
	// Rest is the offset in Raw of what follows the name and a space.
	Rest int
	// Code and Text are a status response's response code without brackets (nil: none) and its text.
	Code, Text []byte
	// Args are the tokens behind the name, where they were asked for.
	Args []wire.Token
	// Truncated: Raw ends before a literal that was not collected.
	Truncated bool
}
