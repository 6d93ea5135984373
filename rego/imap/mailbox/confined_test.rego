package imap.mailbox_test

import data.imap.mailbox

default confined(_) := false

confined(roots) if mailbox.confined(roots)

# Commands while Work/a is selected; may they be let through for somebody who has Work and Lists?
test_confined[note] if {
	some want, commands in {
		true: {
			"no mailbox": {"name": "NOOP"},
			"login": {"name": "LOGIN"},
			"select": {"name": "SELECT", "mailboxes": ["Work"]},
			"status": {"name": "STATUS", "mailboxes": ["Lists/x"]},
			"append": {"name": "APPEND", "mailboxes": ["Work/b"], "literal": {"size": 5}},
			"replace": {"name": "UID REPLACE", "mailboxes": ["Work/b"], "literal": {"size": 5}},
			"rename": {"name": "RENAME", "mailbox": "Work/a", "new_mailbox": "Lists/a", "mailboxes": ["Work/a", "Lists/a"]},
			"copy": {"name": "UID COPY", "mailboxes": ["Work/b"]},
			"fetch": {"name": "UID FETCH"},
			"close": {"name": "CLOSE"},
			"append of own parts": {"name": "APPEND", "mailboxes": ["Work/b", "Work/a", "Lists"]},
			"search in the selected": {"name": "ESEARCH", "search_keys": ["ALL"]},
			"search in some": {
				"name": "ESEARCH",
				"items": ["MAILBOXES", "SUBTREE", "SELECTED", "COUNT", "PARTIAL 1:9"],
				"mailboxes": ["Work/b", "Lists"],
			},
			"store": {"name": "STORE", "flags": [`\Seen`]},
			"list below": {"name": "LIST", "reference": "", "patterns": ["Work/%"]},
			"list below by reference": {"name": "LIST", "reference": "Work/", "patterns": ["*"]},
			"list a name": {"name": "LIST", "reference": "", "patterns": ["Work"]},
			"list several": {"name": "LIST", "reference": "", "patterns": ["Work/%", "Lists/a*"]},
			"list the delimiter": {"name": "LIST", "reference": "", "patterns": [""]},
		},
		false: {
			"unknown": {"name": "XFOO"},
			"mailboxes cannot be told": {"name": "GETQUOTA"},
			"the server": {"name": "GETMETADATA", "mailboxes": [""]},
			"no argument": {"name": "SELECT"},
			"select": {"name": "SELECT", "mailboxes": ["Secret"]},
			"select a sibling": {"name": "SELECT", "mailboxes": ["Work2"]},
			"rename from": {"name": "RENAME", "mailbox": "INBOX", "new_mailbox": "Work/a", "mailboxes": ["INBOX", "Work/a"]},
			"rename to": {"name": "RENAME", "mailbox": "Work/a", "new_mailbox": "Public/a", "mailboxes": ["Work/a", "Public/a"]},
			"copy to": {"name": "COPY", "mailboxes": ["Public"]},
			"append to": {"name": "APPEND", "mailboxes": ["Public"], "literal": {"size": 5}},
			"append of others' parts": {
				"name": "APPEND",
				"mailbox": "Work/b",
				"mailboxes": ["Work/b", "Lists/a", "Secret"],
			},
			"mailboxes that are not told": {"name": "APPEND", "mailbox": "Work/b", "literal": {"size": 5}},
			"replace into": {"name": "REPLACE", "mailboxes": ["Public"], "literal": {"size": 5}},
			"replace by others' parts": {
				"name": "REPLACE",
				"mailbox": "Work/b",
				"mailboxes": ["Work/b", "Secret"],
			},
			"search in others": {"name": "ESEARCH", "items": ["MAILBOXES"], "mailboxes": ["Work/a", "Secret"]},
			"search below others": {"name": "ESEARCH", "items": ["SUBTREE"], "mailboxes": ["Secret"]},
			"search in all": {"name": "ESEARCH", "items": ["PERSONAL"]},
			"search in some, and all": {"name": "ESEARCH", "items": ["MAILBOXES", "INBOXES"], "mailboxes": ["Work/a"]},
			"search in what is not told": {"name": "ESEARCH", "items": ["MAILBOXES"]},
			"watch others": {"name": "NOTIFY"},
			"subscribe": {"name": "SUBSCRIBE", "mailboxes": ["Public"]},
			"rights": {"name": "SETACL", "mailboxes": ["Public"]},
			"label": {"name": "STORE", "items": ["X-GM-LABELS"], "flags": ["Public"]},
			"list all": {"name": "LIST", "reference": "", "patterns": ["*"]},
			"list the top": {"name": "LSUB", "reference": "", "patterns": ["%"]},
			"list by prefix": {"name": "LIST", "reference": "", "patterns": ["Work*"]},
			"list siblings by reference": {"name": "LIST", "reference": "Work", "patterns": ["2/%"]},
			"list beyond the reference": {"name": "LIST", "reference": "Work/", "patterns": ["/Secret/%"]},
			"list a namespace behind the reference": {"name": "LIST", "reference": "Work/", "patterns": ["#shared/%"]},
			"list a home behind the reference": {"name": "LIST", "reference": "Work/", "patterns": ["~anna/%"]},
			"list a way around": {"name": "LIST", "reference": "", "patterns": ["Work/../%"]},
			"list a way around behind a wildcard": {"name": "LIST", "reference": "", "patterns": ["Work/*/../Secret"]},
			"list another": {"name": "LIST", "reference": "", "patterns": ["Work/%", "Secret/%"]},
			"list without patterns": {"name": "LIST", "reference": ""},
			"list without a reference": {"name": "LIST", "patterns": ["Work/%"]},
		},
	}
	some what, command in commands
	note := sprintf("%v: %s", [want, what])
	confined({"Work", "Lists"}) == want with input.command as object.union(command, {"known": true})
		with input.session as {"delimiter": "/", "mailbox": {"name": "Work/a", "read_only": false}}
}

test_not_confined_in_a_foreign_mailbox[name] if {
	some name in ["FETCH", "UID SEARCH", "STORE", "EXPUNGE", "CLOSE", "COPY", "UIDBATCHES", "ESEARCH"]
	not mailbox.confined("Work") with input.command as {"name": name, "known": true, "mailboxes": ["Work"]}
		with input.session as {"delimiter": "/", "mailbox": {"name": "Secret", "read_only": false}}
}

test_not_confined_in_a_foreign_mailbox_beside_others if {
	command := {"name": "ESEARCH", "known": true, "items": ["MAILBOXES", "SELECTED"], "mailboxes": ["Work"]}
	not mailbox.confined("Work") with input.command as command
		with input.session as {"delimiter": "/", "mailbox": {"name": "Secret", "read_only": false}}
	mailbox.confined("Work") with input.command as object.union(command, {"items": ["MAILBOXES"]})
		with input.session as {"delimiter": "/", "mailbox": {"name": "Secret", "read_only": false}}
}

test_not_confined_if_not_known if {
	not mailbox.confined("Work") with input.command as {"name": "NOOP", "known": false}
	not mailbox.confined("Work") with input.command as {"name": "NOOP"}
	not mailbox.confined("Work") with input as {}
}

test_not_confined_by_an_unknown_delimiter if {
	not mailbox.confined("Work") with input.session as {}
		with input.command as {"name": "LIST", "known": true, "reference": "", "patterns": ["Work/%"]}
}
