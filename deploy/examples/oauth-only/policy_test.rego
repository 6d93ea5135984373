package imap.policy_test

import data.imap.main

test_only_tokens_log_in if {
	verdict({"name": "LOGIN"}, {}) == ["IMAP_REQ_REJECT", "log in by OAuth"]
	verdict({"name": "AUTHENTICATE", "mechanism": "OAUTHBEARER"}, {}) == accepted
	plain := {"name": "AUTHENTICATE", "mechanism": "PLAIN"}
	verdict(plain, {}) == ["IMAP_REQ_REJECT", "AUTH=PLAIN is not available"]
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
