package imap.policy_test

import data.imap.main

test_nothing_goes_away if {
	verdict({"name": "APPEND", "literal": {"size": 1}}, {}) == accepted
	verdict({"name": "IDLE"}, {}) == accepted
	refused := ["IMAP_REQ_REJECT", "this mailbox is on legal hold"]
	verdict({"name": "MOVE", "mailbox": "Archive"}, {}) == refused
	verdict({"name": "DELETE", "mailbox": "Archive"}, {}) == refused
	verdict({"name": "CLOSE"}, {}) == ["IMAP_REQ_REWRITE", "UNSELECT"]
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
