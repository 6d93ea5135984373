package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/gatepost/gatepost/dataplane"
)

// screen prints what happens. It is safe for concurrent use.
type screen struct {
	mu  sync.Mutex
	out io.Writer
}

// Write takes log lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// welcome says what to type next.
func (s *screen) welcome(address string, o options, records string) {
	url := fmt.Sprintf("imap://%s:%s@%s", o.user, o.password, address)
	fmt.Fprintf(s, `Gatepost listens on %s. Type in another terminal:

  curl '%s/INBOX;UID=1'                      # accepted: a message
  curl '%s/' -X 'XPURGE INBOX'               # rejected: no row of the policy names XPURGE

Decisions are recorded in %s. Ctrl-C ends.

`, address, url, url, records)
}

// event prints a decision as it falls, and what is not one.
func (s *screen) event(e dataplane.Event) {
	fmt.Fprintln(s, describe(e))
}

func describe(e dataplane.Event) string {
	var parts []string
	switch e.Name {
	case "state":
		parts = []string{e.Old + " -> " + e.New}
	case "ended", "session":
		parts = []string{e.Client, e.Reason}
	default:
		parts = []string{e.User, e.Kind, e.Command, e.Response, e.Verdict, e.Row, e.Reason}
		if e.Decision != "" {
			parts = append(parts, "decision="+e.Decision)
		}
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return fmt.Sprintf("%-16s %s", e.Name, strings.Join(parts, " "))
}
