package imap.policy_test

import data.imap.main

test_one_reads[note] if {
	refused := ["IMAP_REQ_REJECT", "this account may only read"]
	some note, tc in {
		"opens": {"user": "anna", "command": {"name": "SELECT", "mailbox": "Work"}, "want": ["IMAP_REQ_REWRITE", `EXAMINE "Work"`]},
		"reads": {"user": "anna", "command": {"name": "UID FETCH", "items": ["BODY.PEEK[]"]}, "want": accepted},
		"does not expunge": {"user": "anna", "command": {"name": "EXPUNGE"}, "want": refused},
		"nor in capitals": {"user": upper("anna"), "command": {"name": "EXPUNGE"}, "want": refused},
		"another opens": {"user": "somebody.else", "command": {"name": "SELECT", "mailbox": "Work"}, "want": accepted},
		"another expunges": {"user": "somebody.else", "command": {"name": "EXPUNGE"}, "want": accepted},
	}
	verdict(tc.command, {"user": tc.user}) == tc.want
}

# verdict is what is decided on a command, for a session with these fields.
verdict(command, session) := value if {
	value := main.decision.value with input as {
		"kind": "command",
		"imap_state_old": "selected",
		"imap_state_new": "selected",
		"session": object.union({"id": "s1", "authentication_failures": 0, "delimiter": "/"}, session),
		"command": object.union({"tag": "a1", "args": [], "known": true}, command),
	}
}

accepted := "IMAP_REQ_ACCEPT"
