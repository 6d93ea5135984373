package imap.policy_test

import data.imap.main

test_mail_is_looked_at_only if {
	verdict({"name": "SELECT", "mailbox": "Work"}, {}) == ["IMAP_REQ_REWRITE", `EXAMINE "Work"`]
	verdict({"name": "UID FETCH", "items": ["BODY.PEEK[]"]}, {}) == accepted
	verdict({"name": "IDLE"}, {}) == accepted
	verdict({"name": "EXPUNGE"}, {}) == ["IMAP_REQ_REJECT", "this account may only read"]
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
