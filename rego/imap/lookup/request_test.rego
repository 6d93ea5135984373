package imap.lookup_test

import data.imap.lookup

test_request[note] if {
	some note, tc in {
		"exact": {
			"table": {"NOOP": "A", "*": "B"},
			"want": [["request", "NOOP"], "A"],
		},
		"any": {
			"table": {"CHECK": "A", "*": "B"},
			"want": [["request", "*"], "B"],
		},
		"none": {
			"table": {"CHECK": "A"},
			"want": [[]],
		},
		"a name in lower case is another name": {
			"table": {"noop": "A"},
			"want": [[]],
		},
	}
	lookup.request == tc.want with input.command.name as "NOOP" with data.imap.policy.request as tc.table
}

test_request_of_a_uid_command_is_its_own if {
	table := {"FETCH": "A"}
	lookup.request == [[]] with input.command.name as "UID FETCH" with data.imap.policy.request as table
}

test_request_undefined_without_a_command if {
	not lookup.request with input as {} with data.imap.policy.request as {"*": "A"}
}

hidden(name) := [["capability", name], ["IMAP_REQ_REJECT", concat(" ", [name, "is not available"])]]

# The command, the capabilities that are shown, and what becomes of it, with request["*"].
test_hidden_capability[note] if {
	passed := [["request", "*"], "A"]
	some note, tc in {
		"a command of the base needs none": {
			"command": {"name": "SELECT"}, "shown": {},
			"want": passed,
		},
		"an unknown command needs none": {
			"command": {"name": "XFOO"}, "shown": {},
			"want": passed,
		},
		"hidden by no row": {
			"command": {"name": "IDLE"}, "shown": {},
			"want": hidden("IDLE"),
		},
		"hidden by its row": {
			"command": {"name": "IDLE"}, "shown": {"IDLE": "IMAP_CAP_DROP", "IMAP4REV2": "IMAP_CAP_DROP", "*": "IMAP_CAP_ACCEPT"},
			"want": hidden("IDLE"),
		},
		"hidden by a malformed row": {
			"command": {"name": "IDLE"}, "shown": {"IDLE": "ACCEPT"},
			"want": hidden("IDLE"),
		},
		"shown": {
			"command": {"name": "IDLE"}, "shown": {"IDLE": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"shown by a tuple": {
			"command": {"name": "IDLE"}, "shown": {"IDLE": ["IMAP_CAP_ACCEPT"]},
			"want": passed,
		},
		"shown by any": {
			"command": {"name": "IDLE"}, "shown": {"*": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"brought by another capability": {
			"command": {"name": "IDLE"}, "shown": {"IDLE": "IMAP_CAP_DROP", "IMAP4REV2": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"UID form": {
			"command": {"name": "UID MOVE"}, "shown": {},
			"want": hidden("MOVE"),
		},
		"a mechanism that is shown": {
			"command": {"name": "AUTHENTICATE", "mechanism": "PLAIN"}, "shown": {"AUTH=PLAIN": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"a mechanism of a family that is shown": {
			"command": {"name": "AUTHENTICATE", "mechanism": "PLAIN"}, "shown": {"AUTH=": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"a mechanism that is hidden": {
			"command": {"name": "AUTHENTICATE", "mechanism": "PLAIN"}, "shown": {"AUTH=XOAUTH2": "IMAP_CAP_ACCEPT"},
			"want": hidden("AUTH=PLAIN"),
		},
		"no mechanism": {
			"command": {"name": "AUTHENTICATE"}, "shown": {"AUTH=PLAIN": "IMAP_CAP_ACCEPT"},
			"want": hidden("AUTH="),
		},
		"ENABLE of what is shown": {
			"command": {"name": "ENABLE", "capabilities": ["CONDSTORE"]},
			"shown": {"ENABLE": "IMAP_CAP_ACCEPT", "CONDSTORE": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
		"ENABLE of what is hidden": {
			"command": {"name": "ENABLE", "capabilities": ["CONDSTORE", "UTF8=ACCEPT", "QRESYNC"]},
			"shown": {"ENABLE": "IMAP_CAP_ACCEPT", "CONDSTORE": "IMAP_CAP_ACCEPT"},
			"want": hidden("UTF8=ACCEPT"),
		},
		"ENABLE that is hidden": {
			"command": {"name": "ENABLE", "capabilities": ["CONDSTORE"]}, "shown": {"CONDSTORE": "IMAP_CAP_ACCEPT"},
			"want": hidden("ENABLE"),
		},
		"ENABLE of nothing": {
			"command": {"name": "ENABLE"}, "shown": {"ENABLE": "IMAP_CAP_ACCEPT"},
			"want": passed,
		},
	}
	lookup.request == tc.want with input.command as tc.command
		with data.imap.policy as {"request": {"*": "A"}, "capability": tc.shown}
}

test_hidden_capability_wins_over_the_row if {
	got := lookup.request with input.command.name as "IDLE"
		with data.imap.policy as {"request": {"IDLE": "IMAP_REQ_ACCEPT"}}
	got == hidden("IDLE")
}
