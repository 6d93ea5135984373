package imap.policy_test

import data.imap.main

test_messages_are_not_too_large if {
	verdict({"name": "APPEND", "literal": {"size": 1000000}}, {}) == accepted
	verdict({"name": "APPEND", "literal": {"size": 1000001}}, {}) == ["IMAP_REQ_REJECT", "the message is too large", "TOOBIG"]
	verdict({"name": "IDLE"}, {}) == accepted
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
