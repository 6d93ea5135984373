package imap.effects

# RFC 9051 section 6.4.5. A data item that is not told here may do anything.
_by_arguments := _fetched if {
	input.command.name in {"FETCH", "UID FETCH"}
	input.command.items
}

_fetched := {"reads_metadata"} if {
	count(_content_items) == 0
}

else := {"reads_content", "reads_metadata"} if {
	count(_content_items - _peeking) == 0
}

# \Seen is set, but not where the mailbox was opened read-only.
else := {"reads_content", "reads_metadata"} if {
	input.session.mailbox.read_only == true
	count((_content_items - _peeking) - _marking) == 0
}

else := {"flags", "reads_content", "reads_metadata"} if {
	count((_content_items - _peeking) - _marking) == 0
}

# Of the other items only the name, before the section: BODY without one is not among them.
_content_items := {split(item, "[")[0] |
	some item in input.command.items
	not item in _metadata_items
}

_peeking := {"BINARY.PEEK", "BINARY.SIZE", "BODY.PEEK", "PREVIEW", "PREVIEW (LAZY)", "RFC822.HEADER"}

_marking := {"BINARY", "BODY", "RFC822", "RFC822.TEXT"}

_metadata_items := {
	"BODY",
	"BODYSTRUCTURE",
	"EMAILID",
	"ENVELOPE",
	"FLAGS",
	"INTERNALDATE",
	"MODSEQ",
	"RFC822.SIZE",
	"SAVEDATE",
	"THREADID",
	"UID",
	"X-GM-LABELS",
	"X-GM-MSGID",
	"X-GM-THRID",
}
