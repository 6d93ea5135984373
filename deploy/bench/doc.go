// Command bench measures the dataplane beside other proxies, all in one run: HAProxy, nginx and the server itself, in turns, so that
// what the machine does meanwhile meets all of them. Ratios of medians are what it tells; absolute figures are the machine's.
//
//	bench run      measures, and writes a table and a JSON file
//	bench table    writes the table of such a file
//	bench server   is the fast IMAP server behind the proxies
//	bench load     is the client in front of them
//
// Everything measured is a process of its own. README.md has results and the commands that got them.
package main
