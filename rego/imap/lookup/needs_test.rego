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
	lookup.needs == want with input.command.name as name
}

test_needs_nothing[name] if {
	some name in ["NOOP", "LOGIN", "SELECT", "UID FETCH", "EXPUNGE", "XFOO", "idle", ""]
	not lookup.needs with input.command.name as name
}
