// Package syntax gives the tokens of a command or response their meaning: it holds the table of commands and capabilities,
// and parses the arguments of each known command by its own grammar. An unknown command is parsed as a list of
// arguments of any form.
package syntax
