package imap.ready_test

import data.imap.ready

test_size[note] if {
	refused := ["IMAP_REQ_REJECT", "the message is too large", "TOOBIG"]
	some note, tc in {
		"just": {"command": {"name": "APPEND", "literal": {"size": 1000}}, "want": accepted},
		"one too many": {"command": {"name": "APPEND", "literal": {"size": 1001}}, "want": refused},
		"REPLACE": {"command": {"name": "UID REPLACE", "literal": {"size": 1001}}, "want": refused},
		"of parts": {"command": {"name": "APPEND", "mailboxes": ["x", "y"]}, "want": refused},
		"another command": {"command": {"name": "UID FETCH"}, "want": accepted},
		"unknown": {"command": {"name": "XAPPEND", "known": false}, "want": refused},
	}
	ready.verdict("size", {"octets": 1000}) == tc.want with input as event(tc.command, {})
}

test_size_without_settings[note] if {
	some note, settings in {"none": {}, "text": {"octets": "1000"}}
	verdict := ready.verdict("size", settings) with input as event({"name": "APPEND", "literal": {"size": 1}}, {})
	verdict[0] == "IMAP_REQ_REJECT"
}
