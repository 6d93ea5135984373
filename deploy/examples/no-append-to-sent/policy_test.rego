package imap.policy_test

import data.imap.main

test_nothing_is_added_to_sent if {
	verdict({"name": "APPEND", "mailboxes": ["Drafts"], "literal": {"size": 1}}, {}) == accepted
	refused := ["IMAP_REQ_REJECT", "the server itself keeps what is sent"]
	verdict({"name": "APPEND", "mailboxes": ["Sent Items"], "literal": {"size": 1}}, {}) == refused
	verdict({"name": "MOVE", "mailboxes": ["Gesendet"]}, {}) == refused
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
