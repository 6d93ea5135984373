package syntax

import "strconv"

// Error is a command that its grammar does not derive.
type Error struct {
	// Tag is the command's tag, to be answered BAD under; nil where the tag itself is invalid.
	Tag []byte
	// Offset into the command.
	Offset int
	// Want says what the grammar has there. It quotes nothing of the command.
	Want string
}

// Error implements error.
func (e *Error) Error() string {
	return "syntax: offset " + strconv.Itoa(e.Offset) + ": expected " + e.Want
}
