package imap.effects_test

import data.imap.effects

test_append[note] if {
	some note, tc in {
		"APPEND of a literal": {
			"command": {"name": "APPEND", "append_data": ["LITERAL"], "args": ["x", "<LITERAL>"]},
			"want": {"adds"},
		},
		"APPEND of a literal, with flags": {
			"command": {"name": "APPEND", "append_data": ["LITERAL"], "flags": [`\Seen`]},
			"want": {"adds", "flags"},
		},
		"APPEND with UTF-8 headers": {
			"command": {"name": "APPEND", "append_data": ["UTF8"]},
			"want": {"adds"},
		},
		"APPEND of parts": {
			"command": {"name": "APPEND", "append_data": ["CATENATE"]},
			"want": {"adds", "reads_content"},
		},
		"APPEND of a message, and of parts": {
			"command": {"name": "APPEND", "append_data": ["UTF8", "CATENATE"], "literal": {"size": 5}},
			"want": {"adds", "reads_content"},
		},
		"APPEND in a way that is not known": {
			"command": {"name": "APPEND", "append_data": ["X-NEW"], "literal": {"size": 5}},
			"want": {"adds", "reads_content"},
		},
		"APPEND of nothing": {
			"command": {"name": "APPEND", "append_data": []},
			"want": {"adds", "reads_content"},
		},
		"REPLACE by a literal": {
			"command": {"name": "REPLACE", "append_data": ["LITERAL"]},
			"want": {"adds", "destroys"},
		},
		"UID REPLACE by parts": {
			"command": {"name": "UID REPLACE", "append_data": ["CATENATE"], "flags": [`\Seen`]},
			"want": {"adds", "destroys", "flags", "reads_content"},
		},
	}
	effects.command == tc.want with input.command as object.union(tc.command, {"known": true})
}

# A dataplane that does not tell what the message is made of: the arguments do.
test_append_not_told[note] if {
	literal := {"size": 5, "non_sync": false, "literal8": false}
	some note, tc in {
		"APPEND": {
			"command": {"name": "APPEND", "literal": literal},
			"want": {"adds"},
		},
		"APPEND with flags": {
			"command": {"name": "APPEND", "literal": literal, "flags": [`\Seen`]},
			"want": {"adds", "flags"},
		},
		"APPEND with an empty list of flags": {
			"command": {"name": "APPEND", "literal": literal, "flags": []},
			"want": {"adds"},
		},
		"APPEND of other messages' parts": {
			"command": {"name": "APPEND", "args": ["x", "catenate", ["(", "URL", "/Secret/;UID=1"]]},
			"want": {"adds", "reads_content"},
		},
		"APPEND of a message, and of others' parts": {
			"command": {
				"name": "APPEND",
				"literal": literal,
				"flags": [`\Seen`],
				"args": ["x", ["(", `\Seen`], "<LITERAL>", "CATENATE", ["(", "URL", "/Secret/;UID=1"]],
			},
			"want": {"adds", "flags", "reads_content"},
		},
		"APPEND to a mailbox of that name": {
			"command": {"name": "APPEND", "literal": literal, "args": ["CATENATE", "<LITERAL>"]},
			"want": {"adds"},
		},
		"REPLACE by others' parts": {
			"command": {"name": "REPLACE", "args": [[1, "1"], "x", "CATENATE", ["(", "URL", "/Secret/;UID=1"]]},
			"want": {"adds", "destroys", "reads_content"},
		},
		"APPEND of something else than a message": {
			"command": {"name": "APPEND"},
			"want": effects.all,
		},
		"REPLACE": {
			"command": {"name": "REPLACE", "literal": literal},
			"want": {"adds", "destroys"},
		},
		"UID REPLACE with flags": {
			"command": {"name": "UID REPLACE", "literal": literal, "flags": [`\Seen`]},
			"want": {"adds", "destroys", "flags"},
		},
		"REPLACE by something else than a message": {
			"command": {"name": "REPLACE"},
			"want": effects.all,
		},
	}
	effects.command == tc.want with input.command as object.union(tc.command, {"known": true})
}

test_sends_message[note] if {
	some note, tc in {
		"a literal": {"command": {"append_data": ["LITERAL"]}, "want": true},
		"parts": {"command": {"append_data": ["CATENATE"], "literal": {"size": 5}}, "want": false},
		"a grammar that is not known": {"command": {"append_data": ["LITERAL"], "known": false}, "want": false},
		"a literal, of an older dataplane": {"command": {"literal": {"size": 5}}, "want": true},
		"parts, of an older dataplane": {"command": {"literal": {"size": 5}, "args": ["x", "CATENATE", ["("]]}, "want": false},
		"what is told is not looked for": {"command": {"append_data": ["LITERAL"], "args": ["x", "CATENATE"]}, "want": true},
		"nothing is told": {"command": {}, "want": false},
	}
	sends_message == tc.want with input.command as object.union({"name": "APPEND", "known": true}, tc.command)
}

default sends_message := false

sends_message := effects.sends_message
