package imap.ready

import data.imap.effects
import data.imap.mailbox

# METADATA
# title: "Rule agent: read, file and flag, never destroy"
# description: >-
#   For a program that sorts mail. It reads, sets flags but for \Deleted, and copies and moves messages to the mailboxes in
#   file_into, to those that LIST told to have one of the special uses in file_into_roles (RFC 6154: "archive"), and below them;
#   never to one that LIST told to be for trash or junk, which servers empty: name none that is. It cannot add messages or
#   mailboxes of its own. CLOSE is sent as UNSELECT. Settings: file_into, an array of mailbox names; file_into_roles, one of uses.
verdict("agent", settings) := _unselect if {
	input.command.name == "CLOSE"
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"credentials", "flags", "reads_content", "reads_metadata", "stream"})
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	input.command.name in {"COPY", "MOVE", "UID COPY", "UID MOVE"}
	_filed(input.command.mailbox, settings)
	mailbox.outside(input.command.mailbox, _told("trash") | _told("junk"))
}

else := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]

_filed(name, settings) if mailbox.within(name, settings.file_into)

_filed(name, settings) if {
	some use in settings.file_into_roles
	mailbox.within(name, mailbox.role(use))
}
