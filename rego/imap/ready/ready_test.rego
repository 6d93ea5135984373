package imap.ready_test

import data.imap.defaults
import data.imap.ready

# event is what a command is judged by, while INBOX is selected read-write, unless the fields of session say otherwise.
event(command, session) := {
	"kind": "command",
	"imap_state_old": "selected",
	"imap_state_new": "selected",
	"session": object.union(
		{"id": "s1", "user": "anna", "delimiter": "/", "mailbox": {"name": "INBOX", "read_only": false}},
		session,
	),
	"command": object.union({"tag": "a1", "args": [], "known": true}, command),
}

accepted := "IMAP_REQ_ACCEPT"

unselect := ["IMAP_REQ_REWRITE", "UNSELECT"]

test_strictest[note] if {
	some note, tc in {
		"one": {"verdicts": ["IMAP_REQ_ACCEPT"], "want": "IMAP_REQ_ACCEPT"},
		"reject before accept": {"verdicts": ["IMAP_REQ_ACCEPT", "IMAP_REQ_REJECT"], "want": "IMAP_REQ_REJECT"},
		"the first of two": {
			"verdicts": ["IMAP_REQ_ACCEPT", ["IMAP_REQ_REJECT", "one"], ["IMAP_REQ_REJECT", "two"]],
			"want": ["IMAP_REQ_REJECT", "one"],
		},
		"reject before rewrite": {"verdicts": [unselect, ["IMAP_REQ_REJECT", "no"]], "want": ["IMAP_REQ_REJECT", "no"]},
		"rewrite before accept": {"verdicts": ["IMAP_REQ_ACCEPT", unselect], "want": unselect},
		"respond before rewrite": {
			"verdicts": [unselect, ["IMAP_REQ_RESPOND", "OK", []]],
			"want": ["IMAP_REQ_RESPOND", "OK", []],
		},
		"abort before drop": {"verdicts": ["IMAP_REQ_DROP", "IMAP_REQ_ABORT"], "want": "IMAP_REQ_ABORT"},
	}
	ready.strictest(tc.verdicts) == tc.want
}

test_strictest_of_nothing if {
	not ready.strictest([])
	not ready.strictest(["IMAP_REQ_ACCEPT", "IMAP_REQ_POLICY"])
	not ready.strictest(["IMAP_REQ_ACCEPT", 1])
}

test_rules_hold_together[note] if {
	some note, tc in {
		"one": {"rules": {"hold": {}}, "want": ["IMAP_REQ_REJECT", "this mailbox is on legal hold"]},
		"of two the one that rejects": {
			"rules": {"size": {"octets": 1}, "hold": {}},
			"want": ["IMAP_REQ_REJECT", "this mailbox is on legal hold"],
		},
		"objects of rules": {
			"rules": [{"size": {"octets": 1}}, {"moved": {}}],
			"want": ["IMAP_REQ_REJECT", "messages leave a mailbox by MOVE alone"],
		},
		"a rule twice": {
			"rules": {{"commands": {"names": ["EXPUNGE"]}}, {"commands": {"names": ["NOOP"]}}},
			"want": ["IMAP_REQ_REJECT", "EXPUNGE is not for this account"],
		},
		"none": {"rules": {}, "want": accepted},
		"none of several": {"rules": [{}, {"size": {"octets": 1}}], "want": accepted},
		"one that there is not": {
			"rules": {"reed_only": {}},
			"want": ["IMAP_REQ_REJECT", `the rule "reed_only" does not decide`],
		},
	}
	ready.command == tc.want with data.imap.policy.rules as tc.rules with input as event({"name": "EXPUNGE"}, {})
}

test_the_default_table_holds_too if {
	ready.command == "IMAP_REQ_REJECT" with data.imap.policy.rules as {"size": {"octets": 1}}
		with input as event({"name": "XFOO"}, {})
}

test_no_rules_decide_nothing if {
	not ready.command with input as event({"name": "NOOP"}, {}) with data.imap.policy as {}
}

test_tables_without_rules_of_their_own if {
	ready.request == {"*": ["IMAP_REQ_POLICY", "ready"]}
	ready.response == defaults.response with data.imap.policy.rules as {"hold": {}}
	ready.capability == defaults.capability with data.imap.policy.rules as {"hold": {}}
}

test_each_rule_is_told if {
	ready.verdicts == [
		{"rule": "hold", "settings": {}, "verdict": ["IMAP_REQ_REJECT", "this mailbox is on legal hold"]},
		{"rule": "size", "settings": {"octets": 1}, "verdict": accepted},
		{"rule": "default table", "verdict": accepted},
	] with data.imap.policy.rules as {"size": {"octets": 1}, "hold": {}} with input as event({"name": "EXPUNGE"}, {})
}

# Rules that are no objects are held by refusing everything, and not forgotten.
test_malformed_rules_reject[note] if {
	some note, rules in {
		"a name": "read_only",
		"names": ["read_only"],
		"a set of names": {"read_only"},
		"a number": 1,
		"none": null,
		"a name among objects": [{"size": {"octets": 1}}, "hold"],
	}
	[verdict, text] := ready.command with data.imap.policy.rules as rules with input as event({"name": "NOOP"}, {})
	verdict == "IMAP_REQ_REJECT"
	endswith(text, "does not decide")
}
