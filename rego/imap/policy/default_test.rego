package imap.policy_test

import data.imap.main

# An ordinary session under the default policy, and what it refuses.
test_command[note] if {
	some note, tc in {
		"known": {"command": {"name": "NOOP"}, "row": ["request", "NOOP"], "value": "IMAP_REQ_ACCEPT"},
		"needs a capability that is shown": {
			"command": {"name": "IDLE"},
			"row": ["request", "IDLE"], "value": "IMAP_REQ_ACCEPT",
		},
		"of one family of capabilities": {
			"command": {"name": "UID THREAD"},
			"row": ["request", "UID THREAD"], "value": "IMAP_REQ_ACCEPT",
		},
		"mechanism": {
			"command": {"name": "AUTHENTICATE", "mechanism": "XOAUTH2"},
			"row": ["request", "AUTHENTICATE"], "value": "IMAP_REQ_ACCEPT",
		},
		"mechanism that binds to the channel": {
			"command": {"name": "AUTHENTICATE", "mechanism": "SCRAM-SHA-256-PLUS"},
			"row": ["capability", "AUTH=SCRAM-SHA-256-PLUS"],
			"value": ["IMAP_REQ_REJECT", "AUTH=SCRAM-SHA-256-PLUS is not available"],
		},
		"grammar that is not followed": {
			"command": {"name": "ENABLE", "capabilities": ["UTF8=ACCEPT"]},
			"row": ["capability", "UTF8=ACCEPT"], "value": ["IMAP_REQ_REJECT", "UTF8=ACCEPT is not available"],
		},
		"compression": {
			"command": {"name": "COMPRESS"},
			"row": ["capability", "COMPRESS=DEFLATE"],
			"value": ["IMAP_REQ_REJECT", "COMPRESS=DEFLATE is not available"],
		},
	}
	got := main.decision with input as {"kind": "command", "command": tc.command}
	got == {
		"row": tc.row,
		"value": tc.value,
		"responses": {"any": {"*": {"*": "IMAP_RSP_ACCEPT"}}},
	}
}

test_unknown_command_is_denied if {
	got := main.decision with input as {"kind": "command", "command": {"name": "XFOO", "known": false}}
	got.row == []
	not got.value
}

test_greeting if {
	got := main.decision with input as {"kind": "greeting", "response": {
		"command": "GREETING", "type": "UNTAGGED", "name": "OK",
		"capabilities": ["IMAP4REV1", "COMPRESS=DEFLATE"],
	}}
	got == {
		"row": ["response", "*", "*", "*"],
		"value": "IMAP_RSP_ACCEPT",
		"capabilities": [
			{"name": "IMAP4REV1", "row": ["capability", "IMAP4REV1"], "value": "IMAP_CAP_ACCEPT"},
			{"name": "COMPRESS=DEFLATE"},
		],
	}
}

test_unsolicited if {
	got := main.decision with input as {
		"kind": "untagged",
		"response": {"command": "UNSOLICITED", "type": "UNTAGGED", "name": "EXISTS"},
	}
	got.value == "IMAP_RSP_ACCEPT"
	got.responses.own == {"UNTAGGED": {"*": "IMAP_RSP_ACCEPT"}}
}
