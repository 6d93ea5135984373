package imap.ready

import data.imap.effects

# METADATA
# title: "Rule hold: legal hold"
# description: >-
#   Nothing goes away, or elsewhere, and nobody is given rights or limits by which it could. Messages and mailboxes may be added,
#   and flags set but for \Deleted. CLOSE is sent as UNSELECT. No settings.
verdict("hold", _) := _unselect if {
	input.command.name == "CLOSE"
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"adds", "credentials", "flags", "reads_content", "reads_metadata", "stream"})
}

else := ["IMAP_REQ_REJECT", "this mailbox is on legal hold"]
