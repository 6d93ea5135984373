package imap.ready

import data.imap.effects
import data.imap.mailbox

# METADATA
# title: "Rule agent: read, file and flag, never destroy"
# description: >-
#   For a program that sorts mail. It reads, sets flags but for \Deleted, and copies and moves messages to the mailboxes in
#   file_into and below them; a mailbox that its server empties should not be among those. It cannot add messages or mailboxes
#   of its own. CLOSE is sent as UNSELECT. Settings: file_into, an array of mailbox names.
verdict("agent", settings) := _unselect if {
	input.command.name == "CLOSE"
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"credentials", "flags", "reads_content", "reads_metadata", "stream"})
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	input.command.name in {"COPY", "MOVE", "UID COPY", "UID MOVE"}
	mailbox.within(input.command.mailbox, settings.file_into)
}

else := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]
