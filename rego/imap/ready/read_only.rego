package imap.ready

import data.imap.effects
import data.imap.mailbox

# METADATA
# title: "Rule read_only: look and change nothing"
# description: >-
#   SELECT is sent as EXAMINE, CLOSE as UNSELECT, so that it does not depend on what a server means by read-only. SELECT with the
#   parameter QRESYNC, or of a name that a rewritten command cannot have, is refused; EXAMINE is not. No settings.
verdict("read_only", _) := ["IMAP_REQ_REWRITE", concat(" ", array.concat(["EXAMINE", name], parameters))] if {
	input.command.name == "SELECT"
	name := mailbox.quoted(input.command.mailbox)
	parameters := _condstore
}

else := ["IMAP_REQ_REJECT", "open it by EXAMINE"] if {
	input.command.name == "SELECT"
}

else := _unselect if {
	input.command.name == "CLOSE"
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"credentials", "reads_content", "reads_metadata", "stream"})
}

else := ["IMAP_REQ_REJECT", "this account may only read"]

# The parameters of SELECT that a rewritten one keeps (RFC 7162 section 3.1.8).
_condstore := [] if not input.command.items

_condstore := ["(CONDSTORE)"] if input.command.items == ["CONDSTORE"]

# It leaves the mailbox as CLOSE does, and expunges nothing (RFC 3691).
_unselect := ["IMAP_REQ_REWRITE", "UNSELECT"]
