package imap.policy_test

import data.imap.main

test_messages_leave_by_move if {
	verdict({"name": "UID MOVE", "mailbox": "Archive"}, {}) == accepted
	verdict({"name": "COPY", "mailbox": "Archive"}, {}) == accepted
	refused := ["IMAP_REQ_REJECT", "messages leave a mailbox by MOVE alone"]
	verdict({"name": "UID EXPUNGE"}, {}) == refused
	verdict({"name": "STORE", "flags_operation": "+", "flags": [`\Deleted`]}, {}) == refused
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
