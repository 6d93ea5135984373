package imap.effects_test

import data.imap.effects

test_command[note] if {
	some note, tc in {
		"by name": {
			"command": {"name": "COPY", "known": true},
			"want": {"adds"},
		},
		"a command that only talks": {
			"command": {"name": "NOOP", "known": true},
			"want": set(),
		},
		"an unknown name": {
			"command": {"name": "XFOO", "known": true},
			"want": effects.all,
		},
		"a name of a draft": {
			"command": {"name": "SETANNOTATION", "known": true},
			"want": effects.all,
		},
		"CATENATE, whose grammar is not known": {
			"command": {"name": "APPEND", "known": false, "mailbox": "INBOX"},
			"want": effects.all,
		},
		"UID before an unknown name": {
			"command": {"name": "UID XFOO", "known": true},
			"want": effects.all,
		},
		"a grammar that is not known": {
			"command": {"name": "NOOP", "known": false},
			"want": effects.all,
		},
		"nothing said of the grammar": {
			"command": {"name": "NOOP"},
			"want": effects.all,
		},
		"arguments of a grammar that is not known": {
			"command": {"name": "FETCH", "known": false, "items": ["FLAGS"]},
			"want": effects.all,
		},
		"a name in lower case": {
			"command": {"name": "noop", "known": true},
			"want": effects.all,
		},
		"no name": {
			"command": {"known": true},
			"want": effects.all,
		},
	}
	effects.command == tc.want with input.command as tc.command
}

test_undefined_without_a_command if {
	not effects.command with input as {}
	not effects.only(effects.all) with input as {}
}

test_only[note] if {
	some note, tc in {
		"some of those given": {"name": "COPY", "allowed": {"adds", "flags"}, "want": true},
		"all of those given": {"name": "COPY", "allowed": {"adds"}, "want": true},
		"another": {"name": "COPY", "allowed": {"flags"}, "want": false},
		"one more": {"name": "MOVE", "allowed": {"adds", "moves"}, "want": false},
		"none of none": {"name": "NOOP", "allowed": set(), "want": true},
		"one of none": {"name": "COPY", "allowed": set(), "want": false},
		"unknown, and all are given": {"name": "XFOO", "allowed": effects.all, "want": true},
		"unknown, and all but one are given": {"name": "XFOO", "allowed": effects.all - {"stream"}, "want": false},
	}
	granted(tc.allowed) == tc.want with input.command as {"name": tc.name, "known": true}
}

default granted(_) := false

granted(allowed) if effects.only(allowed)
