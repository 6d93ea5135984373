package imap.effects

# RFC 9051 section 6.4.6.
_by_arguments := {"flags"} | _marks if {
	input.command.name in {"STORE", "UID STORE"}
	not input.command.items
}

# Gmail's labels are its mailboxes: a label moves a message, one like \Trash destroys it.
_by_arguments := {"adds", "destroys", "flags", "moves"} if {
	input.command.name in {"STORE", "UID STORE"}
	input.command.items == ["X-GM-LABELS"]
}

_marks := set() if {
	input.command.flags_operation == "-"
}

else := {"destroys"} if {
	input.command.flags_operation in {"", "+"}
	some flag in input.command.flags
	lower(flag) == `\deleted`
}

else := set() if {
	input.command.flags_operation in {"", "+"}
}
