package imap.policy_test

import data.imap.main

secure := {"tls": {"version": "1.3"}, "client": {"address": "192.0.2.7"}}

# Who, what and where; and what comes of it.
test_accounts[note] if {
	some note, tc in {
		"staff": {"user": "anna@example.org", "command": {"name": "EXPUNGE"}, "want": accepted},
		"staff to Sent": {
			"user": "anna@example.org", "command": {"name": "COPY", "mailboxes": ["Sent"]},
			"want": ["IMAP_REQ_REJECT", "the server itself keeps what is sent"],
		},
		"on hold": {
			"user": "ben@example.org", "command": {"name": "EXPUNGE"},
			"want": ["IMAP_REQ_REJECT", "this mailbox is on legal hold"],
		},
		"on hold, and staff": {
			"user": "ben@example.org", "command": {"name": "COPY", "mailboxes": ["Sent"]},
			"want": ["IMAP_REQ_REJECT", "the server itself keeps what is sent"],
		},
		"the assistant": {
			"user": "assistant@example.org", "command": {"name": "MOVE", "mailbox": "Projects", "mailboxes": ["Projects"]},
			"want": accepted,
		},
		"another": {
			"user": "eve", "command": {"name": "EXPUNGE"},
			"want": ["IMAP_REQ_REJECT", "this account may only read"],
		},
	}
	at := object.union(secure, {"user": tc.user, "mailbox": {"name": "INBOX", "read_only": false}})
	verdict(tc.command, at) == tc.want
}

test_nobody_logs_in_in_the_clear if {
	verdict({"name": "LOGIN"}, {}) == ["IMAP_REQ_REJECT", "log in under TLS", "PRIVACYREQUIRED"]
}

test_listed[name] if {
	some name, want in {"Projects/a": "IMAP_RSP_ACCEPT", "Sent": "IMAP_RSP_DROP"}
	main.decision.value == want with input as {
		"kind": "untagged",
		"imap_state_old": "authenticated",
		"imap_state_new": "authenticated",
		"session": {"id": "s1", "authentication_failures": 0, "delimiter": "/", "user": "assistant@example.org"},
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
