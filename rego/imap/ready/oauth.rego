package imap.ready

import data.imap.defaults

# METADATA
# title: "Rule oauth: log in by OAuth alone"
# description: >-
#   LOGIN is refused, and AUTHENTICATE but for OAUTHBEARER (RFC 7628) and XOAUTH2; a session that the server calls logged in from its
#   greeting on (PREAUTH) ends. No settings.
verdict("oauth", _) := "IMAP_REQ_ACCEPT" if {
	not input.command.name in {"AUTHENTICATE", "LOGIN"}
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.name == "AUTHENTICATE"
	input.command.mechanism in {"OAUTHBEARER", "XOAUTH2"}
}

else := ["IMAP_REQ_REJECT", "log in by OAuth"]

# METADATA
# title: "What rule oauth hides"
# description: Every other SASL mechanism.
hides("oauth", _) := {name |
	some name, _ in defaults.capability
	startswith(name, "AUTH=")
	not name in {"AUTH=OAUTHBEARER", "AUTH=XOAUTH2"}
}

# METADATA
# title: "Rows of rule oauth"
# description: A PREAUTH greeting ends the session.
rows("oauth", _) := _no_preauth
