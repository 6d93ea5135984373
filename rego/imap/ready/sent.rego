package imap.ready

import data.imap.effects
import data.imap.mailbox

# METADATA
# title: "Rule sent: nothing is added to Sent"
# description: >-
#   Whatever adds or moves must name mailboxes that are surely others: for a server that keeps what was sent itself, or where
#   nothing may pass for sent that was not. Settings: mailboxes, an array of names.
verdict("sent", settings) := "IMAP_REQ_ACCEPT" if {
	effects.only(effects.all - {"adds", "moves"})
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	count(input.command.mailboxes) > 0
	every name in input.command.mailboxes {
		mailbox.outside(name, settings.mailboxes)
	}
}

else := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]
