package imap.ready

import data.imap.effects
import data.imap.mailbox

# METADATA
# title: "Rule sent: nothing is added to Sent"
# description: >-
#   Whatever adds or moves must name mailboxes that are surely others, and RENAME none that such a mailbox is below: for a server
#   that keeps what was sent itself, or where nothing may pass for sent that was not. Settings: mailboxes, an array of names. Those
#   count, and those of which LIST told that they have the special use "sent" (RFC 6154). Without names everything is refused until
#   LIST has told one.
verdict("sent", settings) := "IMAP_REQ_ACCEPT" if {
	effects.only(effects.all - {"adds", "moves"})
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	count(input.command.mailboxes) > 0
	kept := _told("sent") | {name | some name in object.get(settings, "mailboxes", [])}
	count(kept) > 0
	every name in input.command.mailboxes {
		mailbox.outside(name, kept)
		_leaves(name, kept)
	}
}

else := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]

# A mailbox takes those below it along.
_leaves(_, _) if input.command.name != "RENAME"

_leaves(name, kept) if {
	every each in kept {
		mailbox.outside(each, name)
	}
}

# The mailboxes of a role, as far as they are told.
_told(use) := told if {
	told := mailbox.role(use)
}

else := set()
