package imap.ready

import data.imap.mailbox

# METADATA
# title: "Rule folders: these mailboxes and no others"
# description: >-
#   Every mailbox that a command names or works on is one of these or below one. Clients may list whatever they like, and are
#   told of these alone: the rule's rows for responses belong to it. Settings: mailboxes, an array of names.
verdict("folders", settings) := "IMAP_REQ_ACCEPT" if {
	mailbox.confined(settings.mailboxes)
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	input.command.name in {"LIST", "LSUB", "XLIST"}
}

else := ["IMAP_REQ_REJECT", "not a mailbox of this account"]

# METADATA
# title: "Rows of rule folders"
# description: Calls the function "listed" for every response that names a mailbox.
rows("folders", _) := {
	"*": {"UNTAGGED": _naming},
	"UNSOLICITED": {"UNTAGGED": _naming},
}

_naming := {name: ["IMAP_RSP_POLICY", "listed"] | some name, _ in _name_at}

# Where the responses have the name (RFC 9051 section 7.3, RFC 4314, RFC 5464, RFC 9208).
_name_at := {
	"ACL": 0,
	"LIST": 2,
	"LISTRIGHTS": 0,
	"LSUB": 2,
	"METADATA": 0,
	"MYRIGHTS": 0,
	"QUOTAROOT": 0,
	"STATUS": 0,
	"XLIST": 2,
}

# METADATA
# title: What the rules say of a response that names a mailbox
# description: For the policy's function "listed". Drops it, if the mailbox is not one that each rule folders has.
listed := "IMAP_RSP_ACCEPT" if {
	every rule in _held {
		_shows(rule, input.response)
	}
}

else := "IMAP_RSP_DROP"

_shows(rule, _) if rule[0] != "folders"

_shows(rule, response) if {
	roots := [_sent(root) | some root in rule[1].mailboxes]
	mailbox.within(response.args[_name_at[response.name]], roots)
}

# RFC 9051 section 6.3.9: LIST of nothing asks for the delimiter.
_shows(_, response) if response.args[_name_at[response.name]] == ""

# Responses have names as they are sent.
_sent(root) := root if {
	some name in input.session.enabled
	name in {"IMAP4REV2", "UTF8=ACCEPT"}
}

else := mailbox.encoded(root)
