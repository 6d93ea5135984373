package imap.ready_test

import data.imap.ready

test_hold[note] if {
	refused := ["IMAP_REQ_REJECT", "this mailbox is on legal hold"]
	some note, tc in {
		"FETCH": {"command": {"name": "FETCH", "items": ["BODY[]"]}, "want": accepted},
		"APPEND": {"command": {"name": "APPEND", "mailbox": "Sent", "literal": {"size": 1}}, "want": accepted},
		"COPY": {"command": {"name": "COPY", "mailbox": "Work"}, "want": accepted},
		"CREATE": {"command": {"name": "CREATE", "mailbox": "Work"}, "want": accepted},
		"flag": {"command": {"name": "STORE", "flags_operation": "", "flags": [`\Seen`]}, "want": accepted},
		"mark to be deleted": {
			"command": {"name": "STORE", "flags_operation": "", "flags": [`\Seen`, `\DELETED`]},
			"want": refused,
		},
		"take the mark away": {"command": {"name": "STORE", "flags_operation": "-", "flags": [`\Deleted`]}, "want": accepted},
		"EXPUNGE": {"command": {"name": "EXPUNGE"}, "want": refused},
		"CLOSE": {"command": {"name": "CLOSE"}, "want": unselect},
		"MOVE": {"command": {"name": "MOVE", "mailbox": "Work"}, "want": refused},
		"REPLACE": {"command": {"name": "UID REPLACE", "mailbox": "Work", "literal": {"size": 1}}, "want": refused},
		"DELETE": {"command": {"name": "DELETE", "mailbox": "Work"}, "want": refused},
		"RENAME": {"command": {"name": "RENAME", "mailbox": "Work", "new_mailbox": "Old"}, "want": refused},
		"rights by which it could go": {"command": {"name": "SETACL", "mailbox": "Work"}, "want": refused},
		"an expiry by which it could go": {"command": {"name": "SETMETADATA", "mailbox": "Work"}, "want": refused},
		"unknown": {"command": {"name": "XFOO", "known": false}, "want": refused},
	}
	ready.verdict("hold", {}) == tc.want with input as event(tc.command, {})
}
