package session

import (
	"bytes"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// tells reports that a response ends at a literal which may be the name of a mailbox with a special use: it is collected, so that
// the name is known.
func tells(name string, line []byte) bool {
	switch name {
	case "LIST", "LSUB", "XLIST":
		return bytes.HasSuffix(line, []byte("}"))
	}
	return false
}

// learnMailbox takes what a LIST response, or one of its kin, tells: the hierarchy delimiter, and what the mailbox is for
// (RFC 6154).
func (s *Session) learnMailbox(line []byte) {
	if s.snap.Delimiter != "" && bytes.IndexByte(line, '\\') < 0 {
		return // it tells nothing that is not known
	}
	r, err := s.parser().ParseResponse(line, true)
	if err != nil {
		return
	}
	if d := r.Delimiter(); d != "" && s.snap.Delimiter == "" {
		s.snap.Delimiter = d
		s.epoch++
	}
	if uses := r.SpecialUses(); len(uses) > 0 {
		s.learnRoles(r, uses)
	}
}

// learnRoles replaces what is known of a mailbox. That a response has no special use says nothing: most LIST commands do not ask
// for it.
func (s *Session) learnRoles(r *syntax.Response, uses []string) {
	name, ok := r.ListedMailbox(s.mode.UTF8)
	if !ok && !r.Truncated {
		return
	}
	var known []string
	size := len(name) * len(uses)
	others := make([]Role, 0, len(s.snap.Roles)+len(uses))
	for _, role := range s.snap.Roles {
		if role.Mailbox == name {
			known = append(known, role.Name)
		} else {
			others, size = append(others, role), size+len(role.Mailbox)
		}
	}
	switch {
	case r.Truncated || size > s.cfg.Limits.Roles:
		s.serverViolation("names of mailboxes with a special use over the bound")
	case !slices.Equal(known, uses):
		for _, use := range uses {
			others = append(others, Role{Mailbox: name, Name: use})
		}
		s.snap.Roles = others
		s.epoch++
	}
}
