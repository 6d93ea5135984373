package imap.ready

import data.imap.defaults

# METADATA
# title: "Rule quiet: hide version and capabilities"
# description: >-
#   The greeting, the answers to a login and the farewell say what everybody's do, and ID (RFC 2971) is answered in place of the
#   server, which is not told who the client is. Settings: show, an array of the capabilities to show of those that the
#   default table has, in its spelling.
verdict("quiet", _) := "IMAP_REQ_ACCEPT" if {
	input.command.name != "ID"
}

else := ["IMAP_REQ_RESPOND", "OK ID completed", ["ID NIL"]]

# METADATA
# title: "What rule quiet hides"
# description: All capabilities but those in the setting show.
hides("quiet", settings) := {name |
	some name, _ in defaults.capability
	not name in object.get(settings, "show", [])
}

# METADATA
# title: "Rows of rule quiet"
# description: The texts by which servers are known.
rows("quiet", _) := {
	"GREETING": {"UNTAGGED": {
		"OK": ["IMAP_RSP_REWRITE", "IMAP4rev1 server ready"],
		"PREAUTH": ["IMAP_RSP_REWRITE", "IMAP4rev1 server ready"],
		"BYE": ["IMAP_RSP_REWRITE", "Goodbye"],
	}},
	"LOGIN": _login,
	"AUTHENTICATE": _login,
	"UNSOLICITED": _farewell,
	"*": _farewell,
}

_farewell := {"UNTAGGED": {"BYE": ["IMAP_RSP_REWRITE", "Goodbye"]}}

_login := {"TAGGED": {
	"OK": ["IMAP_RSP_REWRITE", "Logged in"],
	"NO": ["IMAP_RSP_REWRITE", "Login failed"],
}}
