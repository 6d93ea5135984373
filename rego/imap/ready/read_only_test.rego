package imap.ready_test

import data.imap.ready

test_read_only[note] if {
	refused := ["IMAP_REQ_REJECT", "this account may only read"]
	some note, tc in {
		"SELECT": {
			"command": {"name": "SELECT", "mailbox": "Work"},
			"want": ["IMAP_REQ_REWRITE", `EXAMINE "Work"`],
		},
		"SELECT with CONDSTORE": {
			"command": {"name": "SELECT", "mailbox": "Entwürfe", "items": ["CONDSTORE"]},
			"want": ["IMAP_REQ_REWRITE", `EXAMINE "Entw&APw-rfe" (CONDSTORE)`],
		},
		"SELECT with QRESYNC": {
			"command": {"name": "SELECT", "mailbox": "Work", "items": ["QRESYNC"]},
			"want": ["IMAP_REQ_REJECT", "open it by EXAMINE"],
		},
		"SELECT of nothing": {"command": {"name": "SELECT"}, "want": ["IMAP_REQ_REJECT", "open it by EXAMINE"]},
		"EXAMINE": {"command": {"name": "EXAMINE", "mailbox": "Work"}, "want": accepted},
		"CLOSE": {"command": {"name": "CLOSE"}, "want": unselect},
		"UNSELECT": {"command": {"name": "UNSELECT"}, "want": accepted},
		"FETCH BODY.PEEK[]": {"command": {"name": "FETCH", "items": ["BODY.PEEK[]"]}, "want": accepted},
		"FETCH BODY[]": {"command": {"name": "FETCH", "items": ["BODY[]"]}, "want": refused},
		"SEARCH": {"command": {"name": "SEARCH", "search_keys": ["TEXT"]}, "want": accepted},
		"IDLE": {"command": {"name": "IDLE"}, "want": accepted},
		"LIST": {"command": {"name": "LIST"}, "want": accepted},
		"STARTTLS": {"command": {"name": "STARTTLS"}, "want": accepted},
		"LOGIN": {"command": {"name": "LOGIN"}, "want": accepted},
		"STORE": {"command": {"name": "STORE", "flags_operation": "-", "flags": [`\Seen`]}, "want": refused},
		"APPEND": {"command": {"name": "APPEND", "literal": {"size": 1}}, "want": refused},
		"COPY": {"command": {"name": "UID COPY", "mailbox": "Work"}, "want": refused},
		"SUBSCRIBE": {"command": {"name": "SUBSCRIBE", "mailbox": "Work"}, "want": refused},
		"SETACL": {"command": {"name": "SETACL", "mailbox": "Work"}, "want": refused},
		"unknown": {"command": {"name": "XFOO", "known": false}, "want": refused},
	}
	ready.verdict("read_only", {}) == tc.want with input as event(tc.command, {})
}

# Opened by EXAMINE, which the server does not forget.
test_read_only_where_read_only if {
	ready.verdict("read_only", {}) == accepted with input as event(
		{"name": "FETCH", "items": ["BODY[]"]},
		{"mailbox": {"name": "INBOX", "read_only": true}},
	)
}

test_read_only_of_a_name_in_utf_8 if {
	ready.verdict("read_only", {}) == ["IMAP_REQ_REJECT", "open it by EXAMINE"] with input as event(
		{"name": "SELECT", "mailbox": "Entwürfe"},
		{"enabled": ["UTF8=ACCEPT"]},
	)
}
