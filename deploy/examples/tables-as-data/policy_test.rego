package imap.policy_test

import data.imap.main

# A command, and what its row says.
test_rows[name] if {
	some name, want in {
		"UID FETCH": "IMAP_REQ_ACCEPT",
		"CLOSE": ["IMAP_REQ_REWRITE", "UNSELECT"],
		"DELETE": ["IMAP_REQ_REJECT", "folders here are permanent"],
	}
	main.decision.value == want with input as {"kind": "command", "command": {"tag": "a1", "name": name, "known": true}}
}

test_what_has_no_row_is_refused[name] if {
	some name in ["EXPUNGE", "FETCH", "XPURGE"]
	main.decision.row == [] with input as {"kind": "command", "command": {"tag": "a1", "name": name, "known": true}}
}
