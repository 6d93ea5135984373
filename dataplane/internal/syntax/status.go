package syntax

const wantStatusItem = "a status item"

// status reads STATUS's arguments (RFC 9051 section 6.3.11).
func (p *parser) status() {
	p.cmd.Mailbox = p.mailbox()
	p.list1("a list of status items", func(p *parser) { p.itemOf(statusItems, wantStatusItem) })
}

// statusItems are of RFC 9051 section 6.3.11, RFC 3501 (RECENT), RFC 7162, RFC 7889, RFC 8438 (SIZE), RFC 8474 and RFC 9208.
var statusItems = vocabularyOf(
	term{"MESSAGES", nil},
	term{"RECENT", nil},
	term{"UIDNEXT", nil},
	term{"UIDVALIDITY", nil},
	term{"UNSEEN", nil},
	term{"DELETED", nil},
	term{"DELETED-STORAGE", nil},
	term{"SIZE", nil},
	term{"HIGHESTMODSEQ", nil},
	term{"APPENDLIMIT", nil},
	term{"MAILBOXID", nil},
)
