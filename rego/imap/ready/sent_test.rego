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

# RENAME of what Sent lies below takes it along, and another in its place.
test_sent_is_not_renamed_with_what_it_is_below if {
	refused := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]
	every names in [["Mail", "Other"], ["Other", "Mail"], ["Mail/Sent", "Other"], ["x", "Mail/Sent/x"]] {
		command := {"name": "RENAME", "mailbox": names[0], "new_mailbox": names[1], "mailboxes": names}
		ready.verdict("sent", {"mailboxes": ["Mail/Sent"]}) == refused with input as event(command, {})
	}
	beside := {"name": "RENAME", "mailbox": "Mail/a", "new_mailbox": "Mail/b", "mailboxes": ["Mail/a", "Mail/b"]}
	ready.verdict("sent", {"mailboxes": ["Mail/Sent"]}) == accepted with input as event(beside, {})
}

# What LIST told counts beside what is named; without either nobody knows.
test_sent_by_role[note] if {
	refused := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]
	told := {"roles": {"sent": ["Gesendet"]}}
	some note, tc in {
		"told": {"to": "Gesendet", "settings": {}, "session": told, "want": refused},
		"told, and elsewhere": {"to": "Drafts", "settings": {}, "session": told, "want": accepted},
		"told and named": {"to": "Sent", "settings": {"mailboxes": ["Sent"]}, "session": told, "want": refused},
		"named, and told as well": {"to": "Gesendet", "settings": {"mailboxes": ["Sent"]}, "session": told, "want": refused},
		"neither told nor named": {"to": "Drafts", "settings": {}, "session": {}, "want": refused},
		"another was told": {"to": "Drafts", "settings": {}, "session": {"roles": {"trash": ["Trash"]}}, "want": refused},
	}
	command := {"name": "APPEND", "mailboxes": [tc.to], "literal": {"size": 1}}
	ready.verdict("sent", tc.settings) == tc.want with input as event(command, tc.session)
}
