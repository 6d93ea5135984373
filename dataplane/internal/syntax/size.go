package syntax

import (
	"unsafe"
)

// Size is about what a command takes in memory, in octets: what was parsed, its tokens, and the typed arguments, which may be
// several times as much.
func (c *Command) Size() int {
	n := int(unsafe.Sizeof(*c)) + cap(c.Raw) + sliceSize(c.Args) + sliceSize(c.Set) + sliceSize(c.Secret) + sliceSize(c.streamed)
	for _, s := range [...][]string{c.Mailboxes, c.Patterns, c.Items, c.Flags, c.SearchKeys, c.Capabilities, c.AppendData} {
		n += sliceSize(s)
		for _, text := range s {
			n += textSize(text)
		}
	}
	for name, value := range c.ID {
		n += mapEntry + textSize(name) + textSize(value)
	}
	return n
}

func sliceSize[T any](s []T) int { return cap(s) * int(unsafe.Sizeof(*new(T))) }

// textSize is what a string takes beside its header: the allocator rounds up.
func textSize(s string) int { return (len(s) + 15) &^ 15 }

// mapEntry is about what an entry takes in a map from string to string, at the load that a map has on average.
const mapEntry = 64
