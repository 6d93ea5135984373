package imap.policy_test

import data.imap.main

test_mail_is_read_and_filed_and_not_destroyed if {
	verdict({"name": "UID FETCH", "items": ["BODY[]"]}, {}) == accepted
	verdict({"name": "MOVE", "mailbox": "Projects/Garden"}, {}) == accepted
	verdict({"name": "MOVE", "mailbox": "Archive"}, {}) == accepted
	refused := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]
	verdict({"name": "MOVE", "mailbox": "Trash"}, {}) == refused
	verdict({"name": "STORE", "flags_operation": "+", "flags": [`\Deleted`]}, {}) == refused
	verdict({"name": "EXPUNGE"}, {}) == refused
}

# verdict is what is decided on a command, for a session with these fields.
verdict(command, session) := value if {
	value := main.decision.value with input as {
		"kind": "command",
		"imap_state_old": "selected",
		"imap_state_new": "selected",
		"session": object.union({"id": "s1", "user": "anna", "authentication_failures": 0, "delimiter": "/"}, session),
		"command": object.union({"tag": "a1", "args": [], "known": true}, command),
	}
}

accepted := "IMAP_REQ_ACCEPT"
