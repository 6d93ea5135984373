package imap.policy_test

import data.imap.main

test_folders_stay if {
	verdict({"name": "DELETE", "mailbox": "Drafts"}, {}) == ["IMAP_REQ_REJECT", "folders here are permanent"]
	verdict({"name": "SELECT", "mailbox": "Archive"}, {}) == ["IMAP_REQ_REWRITE", "EXAMINE Archive"]
	verdict({"name": "SELECT", "mailbox": "INBOX"}, {}) == accepted
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
