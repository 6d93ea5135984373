// Command bench measures the dataplane beside other proxies, all in one run: HAProxy, nginx and the server itself, in turns, so that
// what the machine does meanwhile meets all of them. The server is one of its own that does next to nothing, so that the proxies are what
// is slow, or Debian's Dovecot. Ratios of medians are what it tells; absolute figures are the machine's.
//
//	bench run      measures, and writes a table and a JSON file (-server dovecot: the same scenarios with Dovecot behind)
//	bench table    writes the table of such a file
//	bench server   is the fast IMAP server behind the proxies
//	bench load     is the client in front of them
//
// Everything measured is a process of its own. README.md has results and the commands that got them.
package main
