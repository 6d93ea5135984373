// Package syntax gives the tokens of a command or response their meaning: it holds the table of commands and capabilities,
// and parses the arguments of each known command by its own grammar. An unknown command is parsed as a list of
// arguments of any form.
//
// The grammar is that of RFC 9051 with what RFC 3501 has beside it, and of the extensions whose capabilities the table passes.
// It takes nothing else, not even what every server takes: a command that only looks like one that was judged is a way
// round the policy. Where it departs from a document, the line says so.
//
// A command is parsed at each of its literals. What is wrong before a literal is found before the literal is invited.
//
// A value is what the client meant, in whatever form it came: a mailbox has one name whether sent as an atom, a quoted string
// or a literal, in modified UTF-7 or UTF-8, and INBOX in any case.
package syntax
