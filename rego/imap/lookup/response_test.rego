package imap.lookup_test

import data.imap.lookup

# The relaxation, step by step: each table has one row less than the one before, and the row that goes first decides.
relaxation := [
	["LIST", "UNTAGGED", "LIST"],
	["LIST", "UNTAGGED", "*"],
	["LIST", "*", "LIST"],
	["LIST", "*", "*"],
	["*", "UNTAGGED", "LIST"],
	["*", "UNTAGGED", "*"],
	["*", "*", "LIST"],
	["*", "*", "*"],
]

listed := {"response": {"command": "LIST", "type": "UNTAGGED", "name": "LIST"}}

table_of(rows) := {command: {tag: {name: row |
	some row in rows
	row[0] == command
	row[1] == tag
	name := row[2]
} |
	some row in rows
	row[0] == command
	tag := row[1]
} |
	some row in rows
	command := row[0]
}

test_relaxation[step] if {
	some step in numbers.range(0, 7)
	table := table_of(array.slice(relaxation, step, 8))
	got := lookup.response with input as listed with data.imap.policy.response as table
	got == [array.concat(["response"], relaxation[step]), relaxation[step]]
}

test_relaxation_with_all[step] if {
	some step in numbers.range(0, 7)
	rows := [[row[0], {"UNTAGGED": "UNTAGGED", "*": "ALL"}[row[1]], row[2]] |
		some row in array.slice(relaxation, step, 8)
	]
	got := lookup.response with input as listed with data.imap.policy.response as table_of(rows)
	got == [array.concat(["response"], rows[0]), rows[0]]
}

test_no_row[note] if {
	some note, row in {
		"another command": ["FETCH", "*", "*"],
		"another tag": ["*", "TAGGED", "*"],
		"another name": ["*", "*", "OK"],
		"tag in lower case": ["*", "untagged", "*"],
	}
	lookup.response == [[]] with input as listed with data.imap.policy.response as table_of([row])
}

test_no_table if {
	lookup.response == [[]] with input as listed with data.imap.policy as {}
}

test_greeting if {
	table := {"GREETING": {"UNTAGGED": {"OK": "A"}}, "*": {"*": {"*": "B"}}}
	event := {"response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}}
	lookup.response == [["response", "GREETING", "UNTAGGED", "OK"], "A"] with input as event
		with data.imap.policy.response as table
}

test_tagged if {
	table := {"*": {"TAGGED": {"*": "A"}, "UNTAGGED": {"*": "B"}}}
	event := {"response": {"command": "NOOP", "type": "TAGGED", "name": "OK"}}
	lookup.response == [["response", "*", "TAGGED", "*"], "A"] with input as event with data.imap.policy.response as table
}

test_undefined_without_a_response[note] if {
	some note, event in {
		"no response": {},
		"no command": {"response": {"type": "TAGGED", "name": "OK"}},
		"no type": {"response": {"command": "NOOP", "name": "OK"}},
		"no name": {"response": {"command": "NOOP", "type": "TAGGED"}},
	}
	not lookup.response with input as event
}

test_rows[note] if {
	table := {"NOOP": {"TAGGED": {"OK": "A"}}, "*": {"*": {"*": "B"}}}
	some note, tc in {
		"own and any": {"table": table, "command": "NOOP", "want": {"own": table.NOOP, "any": table["*"]}},
		"any only": {"table": table, "command": "FETCH", "want": {"any": table["*"]}},
		"none": {"table": {}, "command": "NOOP", "want": {}},
	}
	lookup.rows(tc.command) == tc.want with data.imap.policy.response as tc.table
}
