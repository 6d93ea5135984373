package imap.ready_test

import data.imap.ready

test_moved[note] if {
	refused := ["IMAP_REQ_REJECT", "messages leave a mailbox by MOVE alone"]
	some note, tc in {
		"MOVE": {"command": {"name": "MOVE", "mailbox": "Trash"}, "want": accepted},
		"UID MOVE": {"command": {"name": "UID MOVE", "mailbox": "Trash"}, "want": accepted},
		"COPY": {"command": {"name": "COPY", "mailbox": "Trash"}, "want": accepted},
		"mark to be deleted": {
			"command": {"name": "STORE", "flags_operation": "+", "flags": [`\Deleted`]},
			"want": refused,
		},
		"EXPUNGE": {"command": {"name": "EXPUNGE"}, "want": refused},
		"UID EXPUNGE": {"command": {"name": "UID EXPUNGE"}, "want": refused},
		"CLOSE": {"command": {"name": "CLOSE"}, "want": unselect},
		"REPLACE": {"command": {"name": "REPLACE", "mailbox": "Work", "literal": {"size": 1}}, "want": refused},
		"DELETE": {"command": {"name": "DELETE", "mailbox": "Work"}, "want": refused},
		"RENAME": {"command": {"name": "RENAME", "mailbox": "Work", "new_mailbox": "Old"}, "want": accepted},
		"RENAME of INBOX": {"command": {"name": "RENAME", "mailbox": "INBOX", "new_mailbox": "Old"}, "want": refused},
		"MOVE that is not known": {"command": {"name": "MOVE", "known": false}, "want": refused},
	}
	ready.verdict("moved", {}) == tc.want with input as event(tc.command, {})
}
