package imap.effects

# RFC 9051 section 6.3.12.
_by_arguments := ({"adds"} | _given_flags) | _read_for_message if {
	input.command.name == "APPEND"
}

# RFC 8508: APPEND, and EXPUNGE of the message it replaces.
_by_arguments := ({"adds", "destroys"} | _given_flags) | _read_for_message if {
	input.command.name in {"REPLACE", "UID REPLACE"}
}

_given_flags := {"flags"} if {
	count(input.command.flags) > 0
}

else := set()

# CATENATE (RFC 4469) makes a message of parts of others, of any mailbox. The first argument may be a mailbox of that name.
_read_for_message := {"reads_content"} if {
	some i, argument in input.command.args
	i > 0
	is_string(argument)
	upper(argument) == "CATENATE"
}

else := set() if {
	input.command.literal
}
