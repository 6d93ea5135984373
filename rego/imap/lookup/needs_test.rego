package imap.lookup_test

import data.imap.lookup

test_needs[name] if {
	some name, want in {
		"CANCELUPDATE": [["CONTEXT=SEARCH", "CONTEXT=SORT"]],
		"COMPARATOR": [["I18NLEVEL=2"]],
		"COMPRESS": [["COMPRESS=DEFLATE"]],
		"CONVERSIONS": [["CONVERT"]],
		"CONVERT": [["CONVERT"]],
		"ESEARCH": [["MULTISEARCH"]],
		"GENURLAUTH": [["URLAUTH"]],
		"GETANNOTATION": [["ANNOTATEMORE"]],
		"GETJMAPACCESS": [["JMAPACCESS"]],
		"GETMETADATA": [["METADATA", "METADATA-SERVER"]],
		"GETQUOTA": [["QUOTA"]],
		"ID": [["ID"]],
		"LANGUAGE": [["LANGUAGE"]],
		"MOVE": [["MOVE", "IMAP4REV2"]],
		"NAMESPACE": [["NAMESPACE", "IMAP4REV2"]],
		"NOTIFY": [["NOTIFY"]],
		"RLIST": [["MAILBOX-REFERRALS"]],
		"SETACL": [["ACL"]],
		"SETQUOTA": [["QUOTASET", "QUOTA"]],
		"STARTTLS": [["STARTTLS"]],
		"UID EXPUNGE": [["UIDPLUS", "IMAP4REV2"]],
		"UID REPLACE": [["REPLACE"]],
		"UID SORT": [["SORT"]],
		"UID THREAD": [["THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT", "THREAD=REFS"]],
		"UIDBATCHES": [["UIDBATCHES"]],
		"UNAUTHENTICATE": [["UNAUTHENTICATE"]],
		"UNSELECT": [["UNSELECT", "IMAP4REV2"]],
		"XAPPLEPUSHSERVICE": [["XAPPLEPUSHSERVICE"]],
		"XLIST": [["XLIST"]],
	}
	lookup.needs == want with input.command as {"name": name, "known": true, "literal": {"size": 1}}
}

# What is shown of APPEND and REPLACE does not bring parts of other messages.
test_needs_catenate[note] if {
	some note, tc in {
		"a message": {"command": {"append_data": ["LITERAL"]}, "append": [], "replace": [["REPLACE"]]},
		"parts": {"command": {"append_data": ["CATENATE"]}, "append": [["CATENATE"]], "replace": [["REPLACE"], ["CATENATE"]]},
		"a message, of an older dataplane": {
			"command": {"args": ["x", "<LITERAL>"], "literal": {"size": 1}},
			"append": [],
			"replace": [["REPLACE"]],
		},
		"parts, of an older dataplane": {
			"command": {"args": ["x", "Catenate", ["("]], "literal": {"size": 1}},
			"append": [["CATENATE"]],
			"replace": [["REPLACE"], ["CATENATE"]],
		},
		"a grammar that is not known": {
			"command": {"append_data": ["LITERAL"], "known": false},
			"append": [["CATENATE"]],
			"replace": [["REPLACE"], ["CATENATE"]],
		},
	}
	command := object.union({"known": true}, tc.command)
	needs == tc.append with input.command as object.union(command, {"name": "APPEND"})
	needs == tc.replace with input.command as object.union(command, {"name": "REPLACE"})
}

default needs := []

needs := lookup.needs

test_needs_nothing[name] if {
	some name in ["NOOP", "LOGIN", "SELECT", "UID FETCH", "EXPUNGE", "XFOO", "idle", ""]
	not lookup.needs with input.command.name as name
}
