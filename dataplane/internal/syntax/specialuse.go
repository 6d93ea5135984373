package syntax

import (
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// specialUses are the mailbox attributes that say what a mailbox is for (RFC 6154 section 2, RFC 8457 section 3), and those of
// XLIST, which came before them.
var specialUses = []struct{ attribute, role string }{
	{`\ALL`, "all"}, {`\ALLMAIL`, "all"},
	{`\ARCHIVE`, "archive"},
	{`\DRAFTS`, "drafts"},
	{`\FLAGGED`, "flagged"}, {`\STARRED`, "flagged"},
	{`\IMPORTANT`, "important"},
	{`\JUNK`, "junk"}, {`\SPAM`, "junk"},
	{`\SENT`, "sent"},
	{`\TRASH`, "trash"},
}

// SpecialUses are the special uses of the mailbox that a LIST response, or one of its kin, is about: the attributes in lower case
// without their backslash. nil: it has none, or the response was parsed without its arguments.
func (r *Response) SpecialUses() (roles []string) {
	if !r.isList() {
		return nil
	}
	for i := 1; i < int(r.Args[0].Next); i++ {
		for _, u := range specialUses {
			if t := r.Args[i]; wire.EqualFold(r.Raw[t.Start:t.End], u.attribute) && !slices.Contains(roles, u.role) {
				roles = append(roles, u.role)
			}
		}
	}
	return roles
}

// ListedMailbox is the name of the mailbox that a LIST response, or one of its kin, is about, decoded and canonical as in
// Command.Mailbox. ok false: its literal was not collected, or it is a name that no command can have.
func (r *Response) ListedMailbox(utf8 bool) (name string, ok bool) {
	if !r.isList() {
		return "", false
	}
	at := r.Args[r.Args[0].Next].Next // flags delimiter name
	if int(at) >= len(r.Args) || r.Args[at].Pending {
		return "", false
	}
	return decodeName(wire.Text(r.Raw, r.Args[at], nil), utf8)
}

// isList tells a response of LIST or its kin, with flags and a delimiter.
func (r *Response) isList() bool {
	switch r.Name {
	case "LIST", "LSUB", "XLIST":
		return len(r.Args) > 1 && r.Args[0].Kind == wire.List && int(r.Args[0].Next) < len(r.Args)
	}
	return false
}
