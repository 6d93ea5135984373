package imap.ready_test

import data.imap.ready

test_sent[note] if {
	refused := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]
	some note, tc in {
		"APPEND": {"command": {"name": "APPEND", "mailboxes": ["Sent"], "literal": {"size": 1}}, "want": refused},
		"APPEND in other letters": {
			"command": {"name": "APPEND", "mailboxes": ["SENT/"], "literal": {"size": 1}},
			"want": refused,
		},
		"APPEND below": {"command": {"name": "APPEND", "mailboxes": ["Sent/2026"], "literal": {"size": 1}}, "want": refused},
		"APPEND elsewhere": {
			"command": {"name": "APPEND", "mailboxes": ["Drafts"], "literal": {"size": 1}},
			"want": accepted,
		},
		"APPEND to what is not told": {"command": {"name": "APPEND", "literal": {"size": 1}}, "want": refused},
		"COPY": {"command": {"name": "COPY", "mailboxes": ["Sent"]}, "want": refused},
		"MOVE": {"command": {"name": "UID MOVE", "mailboxes": ["Sent"]}, "want": refused},
		"MOVE elsewhere": {"command": {"name": "UID MOVE", "mailboxes": ["Sent2"]}, "want": accepted},
		"CREATE below": {"command": {"name": "CREATE", "mailboxes": ["Sent/x"]}, "want": refused},
		"RENAME into it": {
			"command": {"name": "RENAME", "mailbox": "x", "new_mailbox": "Sent/x", "mailboxes": ["x", "Sent/x"]},
			"want": refused,
		},
		"a label": {"command": {"name": "STORE", "items": ["X-GM-LABELS"], "flags": [`\Sent`]}, "want": refused},
		"read it": {"command": {"name": "SELECT", "mailboxes": ["Sent"]}, "want": accepted},
		"remove from it": {"command": {"name": "EXPUNGE"}, "want": accepted},
		"unknown": {"command": {"name": "XFOO", "known": false, "mailboxes": ["x"]}, "want": refused},
	}
	ready.verdict("sent", {"mailboxes": ["Sent"]}) == tc.want with input as event(tc.command, {})
}
