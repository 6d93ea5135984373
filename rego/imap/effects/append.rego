package imap.effects

# RFC 9051 section 6.3.12.
_by_arguments := {"adds"} | _given_flags if {
	input.command.name == "APPEND"
	_plain_message
}

# RFC 8508: APPEND, and EXPUNGE of the message it replaces.
_by_arguments := {"adds", "destroys"} | _given_flags if {
	input.command.name in {"REPLACE", "UID REPLACE"}
	_plain_message
}

# CATENATE (RFC 4469) has no literal of its own for the message, and may read any other.
_plain_message if input.command.literal

_given_flags := {"flags"} if {
	count(input.command.flags) > 0
}

else := set()
