package imap.ready_test

import data.imap.ready

test_commands[name] if {
	some name, want in {
		"UID FETCH": accepted,
		"NOOP": accepted,
		"CAPABILITY": accepted,
		"LOGOUT": accepted,
		"FETCH": ["IMAP_REQ_REJECT", "FETCH is not for this account"],
		"UID STORE": ["IMAP_REQ_REJECT", "UID STORE is not for this account"],
		"XFOO": ["IMAP_REQ_REJECT", "XFOO is not for this account"],
	}
	ready.verdict("commands", {"names": ["LOGIN", "EXAMINE", "UID FETCH"]}) == want with input as event({"name": name}, {})
}

test_commands_without_settings if {
	ready.verdict("commands", {}) == ["IMAP_REQ_REJECT", "FETCH is not for this account"] with input as event(
		{"name": "FETCH"},
		{},
	)
}
