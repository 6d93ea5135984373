package imap.policy_test

import data.imap.main

here := {"client": {"address": "2001:db8:1::7"}}

test_the_list_holds_in_the_network if {
	verdict({"name": "UID FETCH", "items": ["BODY.PEEK[]"]}, here) == accepted
	verdict({"name": "MOVE", "mailbox": "Archive"}, here) == ["IMAP_REQ_REJECT", "MOVE is not for this account"]
}

test_nothing_holds_elsewhere if {
	verdict({"name": "LOGIN"}, {"client": {"address": "192.0.2.16"}}) == ["IMAP_REQ_REJECT", "not from this network"]
	verdict({"name": "LOGOUT"}, {"client": {"address": "192.0.2.16"}}) == accepted
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
