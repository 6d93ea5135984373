package imap.policy_test

import data.imap.main

test_these_mailboxes_and_no_others if {
	verdict({"name": "SELECT", "mailboxes": ["Projekte/Gärten/Nord"]}, {}) == accepted
	refused := ["IMAP_REQ_REJECT", "not a mailbox of this account"]
	verdict({"name": "SELECT", "mailboxes": ["Projekte"]}, {}) == refused
	verdict({"name": "GETACL", "mailboxes": ["Secret"]}, {}) == refused
}

# A line that tells of a mailbox, and what comes of it.
test_listed[name] if {
	some name, want in {"INBOX": "IMAP_RSP_ACCEPT", "Projekte/G&AOQ-rten/Nord": "IMAP_RSP_ACCEPT", "Secret": "IMAP_RSP_DROP"}
	main.decision.value == want with input as {
		"kind": "untagged",
		"imap_state_old": "authenticated",
		"imap_state_new": "authenticated",
		"session": {"id": "s1", "authentication_failures": 0, "delimiter": "/"},
		"command": {"tag": "a1", "name": "LIST", "args": [], "known": true},
		"response": {
			"command": "LIST", "type": "UNTAGGED", "name": "LIST", "truncated": false,
			"args": [["("], "/", name],
		},
	}
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
