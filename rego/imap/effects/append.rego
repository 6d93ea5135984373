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

_read_for_message := set() if sends_message

else := {"reads_content"} if _append_data

# METADATA
# title: The client sends the message
# description: >-
#   True for an APPEND or REPLACE that is known to append nothing but what the client sends. Not for one that makes a message
#   of parts, by CATENATE (RFC 4469) or in a way that is not known: they may be parts of other messages, in any mailbox.
# scope: document
sends_message if {
	input.command.known == true
	count(_append_data) > 0
	every kind in _append_data {
		kind in {"LITERAL", "UTF8"}
	}
}

_append_data := kinds if {
	kinds := input.command.append_data
}

# A dataplane before append_data. The first argument may be a mailbox of that name.
else := ["CATENATE"] if {
	some i, argument in input.command.args
	i > 0
	is_string(argument)
	upper(argument) == "CATENATE"
}

else := ["LITERAL"] if {
	input.command.literal
}
