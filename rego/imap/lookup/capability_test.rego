package imap.lookup_test

import data.imap.lookup

test_capability[note] if {
	table := {"IDLE": "A", "AUTH=": "B", "AUTH=PLAIN": "C", "=": "D"}
	some note, tc in {
		"exact": {"name": "IDLE", "row": ["capability", "IDLE"], "value": "A"},
		"exact before the family": {"name": "AUTH=PLAIN", "row": ["capability", "AUTH=PLAIN"], "value": "C"},
		"family": {"name": "AUTH=XOAUTH2", "row": ["capability", "AUTH="], "value": "B"},
		"family ends at the first =": {"name": "AUTH=A=B", "row": ["capability", "AUTH="], "value": "B"},
		"family without a value": {"name": "AUTH=", "row": ["capability", "AUTH="], "value": "B"},
		"no family": {"name": "AUTH"},
		"no row": {"name": "MOVE"},
		"not a prefix": {"name": "IDLE2"},
		"no family without a name": {"name": "=X"},
	}
	lookup.capability(tc.name) == tc with data.imap.policy.capability as table
}

test_capability_any[note] if {
	table := {"AUTH=": "A", "*": "B"}
	some note, tc in {
		"no row of its own": {"name": "IDLE", "row": ["capability", "*"], "value": "B"},
		"no family": {"name": "RIGHTS=KXTE", "row": ["capability", "*"], "value": "B"},
		"family before any": {"name": "AUTH=PLAIN", "row": ["capability", "AUTH="], "value": "A"},
	}
	lookup.capability(tc.name) == tc with data.imap.policy.capability as table
}

test_capability_without_a_table if {
	lookup.capability("IDLE") == {"name": "IDLE"} with data.imap.policy as {}
}

test_capabilities_keep_order_and_repetition if {
	names := ["MOVE", "IDLE", "MOVE"]
	got := lookup.capabilities with input.response.capabilities as names
	names == [verdict.name | some verdict in got]
}

test_capabilities_undefined_without_a_list if {
	not lookup.capabilities with input.response as {}
	not lookup.capabilities with input.response.capabilities as []
}
