package imap.lookup

import data.imap.effects

# METADATA
# title: Capabilities a command needs
# description: >-
#   Groups of capabilities. The policy must show one of each group, or the command is refused: a client need not wait for a
#   capability to be advertised. Undefined for a command of IMAP4rev1 (RFC 3501), which needs none, and for an unknown one.
# scope: document
needs := [["ACL"]] if input.command.name in {"DELETEACL", "GETACL", "LISTRIGHTS", "MYRIGHTS", "SETACL"}

needs := [["ANNOTATEMORE"]] if input.command.name in {"GETANNOTATION", "SETANNOTATION"}

# RFC 9051 section 6.2.2: each mechanism is a capability of its own.
needs := [[concat("", ["AUTH=", object.get(input.command, "mechanism", "")])]] if input.command.name == "AUTHENTICATE"

# RFC 4469: parts of other messages, which may be in any mailbox.
needs := [["CATENATE"]] if {
	input.command.name == "APPEND"
	not effects.sends_message
}

needs := [["COMPRESS=DEFLATE"]] if input.command.name == "COMPRESS"

needs := [["CONTEXT=SEARCH", "CONTEXT=SORT"]] if input.command.name == "CANCELUPDATE"

needs := [["CONVERT"]] if input.command.name in {"CONVERSIONS", "CONVERT", "UID CONVERT"}

# What it enables is needed as well.
needs := array.concat([["ENABLE", "IMAP4REV2"]], [[name] | some name in input.command.capabilities]) if {
	input.command.name == "ENABLE"
}

needs := [["I18NLEVEL=2"]] if input.command.name == "COMPARATOR"

needs := [["ID"]] if input.command.name == "ID"

needs := [["IDLE", "IMAP4REV2"]] if input.command.name == "IDLE"

needs := [["JMAPACCESS"]] if input.command.name == "GETJMAPACCESS"

needs := [["LANGUAGE"]] if input.command.name == "LANGUAGE"

needs := [["MAILBOX-REFERRALS"]] if input.command.name in {"RLIST", "RLSUB"}

needs := [["METADATA", "METADATA-SERVER"]] if input.command.name in {"GETMETADATA", "SETMETADATA"}

needs := [["MOVE", "IMAP4REV2"]] if input.command.name in {"MOVE", "UID MOVE"}

needs := [["MULTISEARCH"]] if input.command.name == "ESEARCH"

needs := [["NAMESPACE", "IMAP4REV2"]] if input.command.name == "NAMESPACE"

needs := [["NOTIFY"]] if input.command.name == "NOTIFY"

needs := [["QUOTA"]] if input.command.name in {"GETQUOTA", "GETQUOTAROOT"}

# RFC 9208 moved SETQUOTA from QUOTA to QUOTASET.
needs := [["QUOTASET", "QUOTA"]] if input.command.name == "SETQUOTA"

needs := array.concat([["REPLACE"]], _catenate) if input.command.name in {"REPLACE", "UID REPLACE"}

_catenate := [] if effects.sends_message

else := [["CATENATE"]]

needs := [["SORT"]] if input.command.name in {"SORT", "UID SORT"}

needs := [["STARTTLS"]] if input.command.name == "STARTTLS"

needs := [["THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT", "THREAD=REFS"]] if {
	input.command.name in {"THREAD", "UID THREAD"}
}

needs := [["UIDBATCHES"]] if input.command.name == "UIDBATCHES"

needs := [["UIDPLUS", "IMAP4REV2"]] if input.command.name == "UID EXPUNGE"

needs := [["UNAUTHENTICATE"]] if input.command.name == "UNAUTHENTICATE"

needs := [["UNSELECT", "IMAP4REV2"]] if input.command.name == "UNSELECT"

needs := [["URLAUTH"]] if input.command.name in {"GENURLAUTH", "RESETKEY", "URLFETCH"}

needs := [["XAPPLEPUSHSERVICE"]] if input.command.name == "XAPPLEPUSHSERVICE"

needs := [["XLIST"]] if input.command.name == "XLIST"
