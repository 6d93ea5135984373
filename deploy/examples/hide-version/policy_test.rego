package imap.policy_test

import data.imap.main

test_id_is_answered_for_the_server if {
	verdict({"name": "ID"}, {}) == ["IMAP_REQ_RESPOND", "OK ID completed", ["ID NIL"]]
	verdict({"name": "IDLE"}, {}) == accepted
	verdict({"name": "SORT"}, {}) == ["IMAP_REQ_REJECT", "SORT is not available"]
}

test_the_greeting_says_nothing if {
	decision := main.decision with input as {
		"kind": "greeting",
		"imap_state_old": "not_authenticated",
		"imap_state_new": "not_authenticated",
		"session": {"id": "s1", "authentication_failures": 0},
		"response": {
			"command": "GREETING", "type": "UNTAGGED", "name": "OK", "args": [], "truncated": false,
			"capabilities": ["IDLE", "SORT"],
		},
	}
	decision.value == ["IMAP_RSP_REWRITE", "IMAP4rev1 server ready"]
	[c.name | some c in decision.capabilities; c.value == "IMAP_CAP_ACCEPT"] == ["IDLE"]
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
