package imap.effects_test

import data.imap.effects

# Commands that do more than they seem to, or less, by which a list of commands is got round: what each does while INBOX is
# selected read-write.
test_hazards[note] if {
	some note, tc in {
		"CLOSE expunges": {"command": {"name": "CLOSE"}, "want": {"destroys"}},
		"UNSELECT does not": {"command": {"name": "UNSELECT"}, "want": set()},
		"LOGOUT does not": {"command": {"name": "LOGOUT"}, "want": set()},
		"EXPUNGE": {"command": {"name": "EXPUNGE"}, "want": {"destroys"}},
		"UID EXPUNGE": {"command": {"name": "UID EXPUNGE"}, "want": {"destroys"}},
		"STORE FLAGS sets \\Deleted": {
			"command": {"name": "STORE", "flags_operation": "", "flags": [`\Seen`, `\DELETED`], "silent": true},
			"want": {"destroys", "flags"},
		},
		"STORE -FLAGS takes it away": {
			"command": {"name": "UID STORE", "flags_operation": "-", "flags": [`\Deleted`]},
			"want": {"flags"},
		},
		"MOVE takes away": {"command": {"name": "MOVE"}, "want": {"adds", "destroys", "moves"}},
		"UID MOVE": {"command": {"name": "UID MOVE"}, "want": {"adds", "destroys", "moves"}},
		"COPY does not": {"command": {"name": "COPY"}, "want": {"adds"}},
		"REPLACE takes away": {"command": {"name": "REPLACE", "literal": {"size": 1}}, "want": {"adds", "destroys"}},
		"APPEND sets flags": {
			"command": {"name": "APPEND", "literal": {"size": 1}, "flags": [`\Seen`]},
			"want": {"adds", "flags"},
		},
		"DELETE": {"command": {"name": "DELETE", "mailbox": "Work"}, "want": {"destroys"}},
		"RENAME": {"command": {"name": "RENAME", "mailbox": "Work"}, "want": {"moves"}},
		"RENAME of INBOX empties it": {
			"command": {"name": "RENAME", "mailbox": "INBOX"},
			"want": {"adds", "destroys", "moves"},
		},
		"SETACL": {"command": {"name": "SETACL"}, "want": {"rights"}},
		"DELETEACL": {"command": {"name": "DELETEACL"}, "want": {"rights"}},
		"SETQUOTA": {"command": {"name": "SETQUOTA"}, "want": {"rights"}},
		"SETMETADATA": {"command": {"name": "SETMETADATA"}, "want": {"rights"}},
		"SETANNOTATION": {"command": {"name": "SETANNOTATION"}, "want": effects.all},
		"GENURLAUTH gives access": {"command": {"name": "GENURLAUTH"}, "want": {"rights"}},
		"FETCH BODY[] marks": {
			"command": {"name": "FETCH", "items": ["BODY[]"]},
			"want": {"flags", "reads_content", "reads_metadata"},
		},
		"FETCH RFC822.TEXT marks": {
			"command": {"name": "FETCH", "items": ["RFC822.TEXT"]},
			"want": {"flags", "reads_content", "reads_metadata"},
		},
		"FETCH BODY.PEEK[] does not": {
			"command": {"name": "FETCH", "items": ["BODY.PEEK[]"]},
			"want": {"reads_content", "reads_metadata"},
		},
		"SEARCH for a text reads it": {
			"command": {"name": "SEARCH", "search_keys": ["BODY"]},
			"want": {"reads_content", "reads_metadata"},
		},
		"SEARCH RETURN (SAVE) keeps state": {
			"command": {"name": "SEARCH", "items": ["SAVE"], "search_keys": ["ALL"]},
			"want": {"reads_metadata", "stream"},
		},
		"SORT RETURN (UPDATE) goes on": {
			"command": {"name": "SORT", "items": ["UPDATE"], "search_keys": ["ALL"]},
			"want": {"reads_metadata", "stream"},
		},
		"NOTIFY goes on, and reads": {"command": {"name": "NOTIFY"}, "want": {"reads_content", "reads_metadata", "stream"}},
		"CATENATE reads": {
			"command": {"name": "APPEND", "args": ["x", "CATENATE", ["(", "URL", "/y/;UID=1"]]},
			"want": {"adds", "reads_content"},
		},
		"URLFETCH reads": {"command": {"name": "URLFETCH"}, "want": {"reads_content"}},
		"COMPRESS blinds": {"command": {"name": "COMPRESS"}, "want": {"stream"}},
		"ENABLE changes the grammar": {"command": {"name": "ENABLE"}, "want": {"stream"}},
		"UNAUTHENTICATE": {"command": {"name": "UNAUTHENTICATE"}, "want": {"credentials", "stream"}},
		"LOGIN again": {"command": {"name": "LOGIN"}, "want": {"credentials", "stream"}},
		"AUTHENTICATE again": {"command": {"name": "AUTHENTICATE"}, "want": {"credentials", "stream"}},
		"a label of Gmail's": {
			"command": {"name": "STORE", "items": ["X-GM-LABELS"], "flags_operation": "+", "flags": [`\Trash`]},
			"want": {"adds", "destroys", "flags", "moves"},
		},
		"UID before what is not known": {"command": {"name": "UID XFOO", "known": false}, "want": effects.all},
		"XAPPLEPUSHSERVICE": {"command": {"name": "XAPPLEPUSHSERVICE", "known": false}, "want": effects.all},
	}
	effects.command == tc.want with input as {
		"imap_state_old": "selected",
		"session": {"mailbox": {"name": "INBOX", "read_only": false}},
		"command": object.union({"known": true}, tc.command),
	}
}

# Opened read-only, by SELECT that was sent as EXAMINE: what writes is told all the same, for a server may have forgotten.
test_hazards_read_only[name] if {
	some name, want in {
		"EXPUNGE": {"destroys"},
		"UID EXPUNGE": {"destroys"},
		"MOVE": {"adds", "destroys", "moves"},
		"CLOSE": set(),
	}
	effects.command == want with input as {
		"imap_state_old": "selected",
		"session": {"mailbox": {"name": "INBOX", "read_only": true}},
		"command": {"name": name, "known": true},
	}
}
