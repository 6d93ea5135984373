package imap.ready

# METADATA
# title: "Rule size: no larger messages"
# description: >-
#   APPEND and REPLACE of a message with more octets are refused before it is sent, by RFC 7889's TOOBIG, and so are messages
#   made of parts (CATENATE), whose size nobody tells. Settings: octets, a number.
verdict("size", settings) := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	not input.command.name in {"APPEND", "REPLACE", "UID REPLACE"}
}

else := "IMAP_REQ_ACCEPT" if {
	is_number(settings.octets)
	input.command.literal.size <= settings.octets
}

else := ["IMAP_REQ_REJECT", "the message is too large", "TOOBIG"]
