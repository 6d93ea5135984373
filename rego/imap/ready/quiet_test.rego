package imap.ready_test

import data.imap.ready

test_quiet[name] if {
	some name, want in {
		"ID": ["IMAP_REQ_RESPOND", "OK ID completed", ["ID NIL"]],
		"NOOP": accepted,
	}
	ready.verdict("quiet", {}) == want with input as event({"name": name}, {})
}

test_quiet_hides[note] if {
	some note, tc in {
		"all but these": {"settings": {"show": ["IDLE", "IMAP4REV1", "X-NEW"]}, "want": {"IDLE", "IMAP4REV1"}},
		"all": {"settings": {}, "want": set()},
	}
	object.keys(ready.capability) == tc.want with data.imap.policy.rules as {"quiet": tc.settings}
}

test_quiet_texts[note] if {
	some note, place in {
		"greeting": {"GREETING": {"UNTAGGED": {"OK": ["IMAP_RSP_REWRITE", "IMAP4rev1 server ready"]}}},
		"login": {"LOGIN": {"TAGGED": {"OK": ["IMAP_RSP_REWRITE", "Logged in"]}}},
		"farewell": {"*": {"UNTAGGED": {"BYE": ["IMAP_RSP_REWRITE", "Goodbye"]}}},
		"others": {"*": {"*": {"*": "IMAP_RSP_ACCEPT"}}},
	}
	table := ready.response with data.imap.policy.rules as {"quiet": {}}
	object.subset(table, place)
}

test_quiet_turns_away_in_its_own_words if {
	ready.rows("quiet", {}).GREETING.UNTAGGED.BYE == ["IMAP_RSP_REWRITE", "Goodbye"]
}
