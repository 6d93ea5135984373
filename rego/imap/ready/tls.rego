package imap.ready

import data.imap.defaults

# METADATA
# title: "Rule tls: no login without TLS"
# description: >-
#   LOGIN and AUTHENTICATE are refused in the clear, by RFC 5530's PRIVACYREQUIRED, and no mechanism is shown there; a session that the
#   server calls logged in from its greeting on (PREAUTH) ends there. No settings.
verdict("tls", _) := "IMAP_REQ_ACCEPT" if {
	not input.command.name in {"AUTHENTICATE", "LOGIN"}
}

else := "IMAP_REQ_ACCEPT" if {
	input.session.tls
}

else := ["IMAP_REQ_REJECT", "log in under TLS", "PRIVACYREQUIRED"]

# METADATA
# title: "What rule tls hides"
# description: Every SASL mechanism, in the clear.
hides("tls", _) := {name |
	some name, _ in defaults.capability
	startswith(name, "AUTH=")
} if {
	not input.session.tls
}

# METADATA
# title: "Rows of rule tls"
# description: A PREAUTH greeting in the clear ends the session.
rows("tls", _) := _no_preauth if not input.session.tls

_no_preauth := {"GREETING": {"UNTAGGED": {"PREAUTH": "IMAP_RSP_ABORT"}}}
