package imap.ready_test

import data.imap.ready

test_agent[note] if {
	refused := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]
	some note, tc in {
		"SELECT": {"command": {"name": "SELECT", "mailbox": "INBOX"}, "want": accepted},
		"FETCH": {"command": {"name": "FETCH", "items": ["BODY[]"]}, "want": accepted},
		"flag": {"command": {"name": "STORE", "flags_operation": "+", "flags": ["$Todo", `\Flagged`]}, "want": accepted},
		"mark to be deleted": {
			"command": {"name": "UID STORE", "flags_operation": "+", "flags": [`\Seen`, `\deleted`]},
			"want": refused,
		},
		"file": {"command": {"name": "UID MOVE", "mailbox": "Projects/A"}, "want": accepted},
		"copy": {"command": {"name": "COPY", "mailbox": "Projects"}, "want": accepted},
		"throw away": {"command": {"name": "MOVE", "mailbox": "Trash"}, "want": refused},
		"copy where it may not": {"command": {"name": "COPY", "mailbox": "Projects2"}, "want": refused},
		"file by what is not known": {"command": {"name": "MOVE", "mailbox": "Projects", "known": false}, "want": refused},
		"EXPUNGE": {"command": {"name": "EXPUNGE"}, "want": refused},
		"UID EXPUNGE": {"command": {"name": "UID EXPUNGE"}, "want": refused},
		"CLOSE": {"command": {"name": "CLOSE"}, "want": unselect},
		"APPEND": {"command": {"name": "APPEND", "mailbox": "Projects", "literal": {"size": 1}}, "want": refused},
		"REPLACE": {"command": {"name": "REPLACE", "mailbox": "Projects", "literal": {"size": 1}}, "want": refused},
		"CREATE": {"command": {"name": "CREATE", "mailbox": "Projects/B"}, "want": refused},
		"DELETE": {"command": {"name": "DELETE", "mailbox": "Projects"}, "want": refused},
		"RENAME": {"command": {"name": "RENAME", "mailbox": "INBOX", "new_mailbox": "Projects/A"}, "want": refused},
		"GENURLAUTH": {"command": {"name": "GENURLAUTH"}, "want": refused},
		"a label": {"command": {"name": "STORE", "items": ["X-GM-LABELS"], "flags": [`\Trash`]}, "want": refused},
	}
	ready.verdict("agent", {"file_into": ["Projects"]}) == tc.want with input as event(tc.command, {})
}

test_agent_without_settings_files_nowhere if {
	ready.verdict("agent", {}) == ["IMAP_REQ_REJECT", "this agent may read, file and flag"] with input as event(
		{"name": "MOVE", "mailbox": "Projects"},
		{},
	)
}

# What a server empties is no place to file into, whatever the settings say of it.
test_agent_files_nothing_into_trash_or_junk if {
	refused := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]
	told := {"roles": {"junk": ["Projects/Junk"], "trash": ["Archive"]}}
	settings := {"file_into": ["Projects", "Archive"]}
	every name in ["Projects/Junk", "projects/junk/x", "Archive", "Archive/2024"] {
		ready.verdict("agent", settings) == refused with input as event({"name": "MOVE", "mailbox": name}, told)
	}
	ready.verdict("agent", settings) == accepted with input as event({"name": "MOVE", "mailbox": "Projects/a"}, told)
}

test_agent_files_by_role if {
	refused := ["IMAP_REQ_REJECT", "this agent may read, file and flag"]
	command := {"name": "UID COPY", "mailbox": "Archiv/2024"}
	settings := {"file_into_roles": ["archive", "trash"]}
	ready.verdict("agent", settings) == accepted with input as event(command, {"roles": {"archive": ["Archiv"]}})
	ready.verdict("agent", settings) == refused with input as event(command, {})
	ready.verdict("agent", settings) == refused with input as event(command, {"roles": {"trash": ["Archiv"]}})
	ready.verdict("agent", {}) == refused with input as event(command, {"roles": {"archive": ["Archiv"]}})
}
