package imap.effects_test

import data.imap.effects

test_append[note] if {
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
