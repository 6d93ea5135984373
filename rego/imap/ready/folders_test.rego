package imap.ready_test

import data.imap.ready

projects := {"mailboxes": ["INBOX", "Projekte/Gärten"]}

test_folders[note] if {
	refused := ["IMAP_REQ_REJECT", "not a mailbox of this account"]
	some note, tc in {
		"SELECT": {"command": {"name": "SELECT", "mailboxes": ["Projekte/Gärten/Nord"]}, "want": accepted},
		"SELECT another": {"command": {"name": "SELECT", "mailboxes": ["Projekte"]}, "want": refused},
		"STATUS of another": {"command": {"name": "STATUS", "mailboxes": ["Secret"]}, "want": refused},
		"LIST": {"command": {"name": "LIST", "reference": "", "patterns": ["*"]}, "want": accepted},
		"LIST that is not known": {"command": {"name": "LIST", "known": false}, "want": refused},
		"FETCH": {"command": {"name": "FETCH", "items": ["FLAGS"]}, "want": accepted},
		"NOTIFY": {"command": {"name": "NOTIFY"}, "want": refused},
	}
	ready.verdict("folders", projects) == tc.want with input as event(tc.command, {})
}

test_folders_without_settings if {
	ready.verdict("folders", {}) == ["IMAP_REQ_REJECT", "not a mailbox of this account"] with input as event(
		{"name": "SELECT", "mailboxes": ["INBOX"]},
		{},
	)
}

# A response, and whether the client is told.
test_listed[note] if {
	some note, tc in {
		"a mailbox": {"name": "LIST", "args": [["("], "/", "INBOX"], "want": "ACCEPT"},
		"one below": {"name": "LIST", "args": [["("], "/", "Projekte/G&AOQ-rten/Nord"], "want": "ACCEPT"},
		"one beside": {"name": "LIST", "args": [["("], "/", "Projekte/G&AOQ-rten2"], "want": "DROP"},
		"one above": {"name": "LSUB", "args": [["("], "/", "Projekte"], "want": "DROP"},
		"the delimiter": {"name": "LIST", "args": [["(", `\Noselect`], "/", ""], "want": "ACCEPT"},
		"a name as a literal": {"name": "LIST", "args": [["("], "/", "<LITERAL>"], "want": "DROP"},
		"no name": {"name": "LIST", "args": [["("]], "want": "DROP"},
		"a status": {"name": "STATUS", "args": ["INBOX", ["("]], "want": "ACCEPT"},
		"a status of another": {"name": "STATUS", "args": ["Secret", ["("]], "want": "DROP"},
		"a response without a name": {"name": "OK", "args": ["INBOX"], "want": "DROP"},
	}
	ready.listed == concat("", ["IMAP_RSP_", tc.want]) with data.imap.policy.rules as {"folders": projects, "hold": {}}
		with input as event({"name": "LIST"}, {})
		with input.response as {"command": "LIST", "type": "UNTAGGED", "name": tc.name, "args": tc.args}
}

# Once the session speaks UTF-8, names are sent as they are.
test_listed_in_utf_8[name] if {
	some name, want in {"Projekte/Gärten": "IMAP_RSP_ACCEPT", "Projekte/G&AOQ-rten": "IMAP_RSP_DROP"}
	ready.listed == want with data.imap.policy.rules as {"folders": projects}
		with input as event({"name": "LIST"}, {"enabled": ["UTF8=ACCEPT"]})
		with input.response as {"command": "LIST", "type": "UNTAGGED", "name": "STATUS", "args": [name]}
}

test_rows_of_folders[note] if {
	some note, place in {
		"of a command": {"*": {"UNTAGGED": {"LIST": ["IMAP_RSP_POLICY", "listed"]}}},
		"that no command asked for": {"UNSOLICITED": {"UNTAGGED": {"STATUS": ["IMAP_RSP_POLICY", "listed"]}}},
		"others": {"*": {"*": {"*": "IMAP_RSP_ACCEPT"}}},
	}
	table := ready.response with data.imap.policy.rules as [{"folders": projects}, {"folders": projects}]
	object.subset(table, place)
}
