package imap.ready_test

import data.imap.ready

accounts := {
	"everyone": {"tls": {}},
	"groups": {
		"staff": {"users": ["anna", "ben"], "rules": {"size": {"octets": 1000}}},
		"held": {"users": ["ben"], "rules": {"hold": {}}},
	},
	"others": {"read_only": {}},
}

everyone := {"tls": {}}

staff := {"size": {"octets": 1000}}

held := {"hold": {}}

others := {"read_only": {}}

test_by_account[note] if {
	some note, tc in {
		"in a group": {"session": {"user": "anna"}, "want": {everyone, staff}},
		"in two": {"session": {"user": "ben"}, "want": {everyone, staff, held}},
		"in none": {"session": {"user": "eve"}, "want": {everyone, others}},
		"perhaps in a group": {"session": {"user": "ANNA"}, "want": {everyone, staff, others}},
		"not known": {"session": {}, "want": {everyone, staff, held, others}},
	}
	ready.by_account == tc.want with data.imap.accounts as accounts
		with input as {"imap_state_old": "authenticated", "session": tc.session}
}

test_by_account_before_login if {
	ready.by_account == {everyone} with data.imap.accounts as accounts
		with input as {"imap_state_old": "not_authenticated", "session": {}}
}

test_by_account_without_others if {
	ready.by_account == {everyone} with data.imap.accounts as object.remove(accounts, ["others"])
		with input as {"imap_state_old": "authenticated", "session": {"user": "eve"}}
}

test_by_account_without_data if {
	not ready.by_account with data.imap.accounts as false
		with input as {"imap_state_old": "authenticated", "session": {"user": "eve"}}
}

# A data file that says something else than it was to say refuses everything.
test_malformed_accounts_reject[note] if {
	group := {"users": ["anna"], "rules": {"hold": {}}}
	some note, accounts in {
		"another key": {"groups": {"g": group}, "other": {"read_only": {}}},
		"a group without rules": {"groups": {"g": {"users": ["anna"], "rule": {"hold": {}}}}},
		"a group without users": {"groups": {"g": {"user": ["anna"], "rules": {"hold": {}}}}},
		"users that are no array": {"groups": {"g": {"users": "anna", "rules": {"hold": {}}}}},
		"a user that is no string": {"groups": {"g": {"users": [1], "rules": {"hold": {}}}}},
		"rules that are no object": {"groups": {"g": {"users": ["anna"], "rules": ["hold"]}}},
		"more in a group": {"groups": {"g": object.union(group, {"rules_too": {}})}},
		"groups that are no object": {"groups": [group]},
		"everyone is no object": {"everyone": "read_only"},
		"others are no object": {"others": ["read_only"]},
		"no object": ["read_only"],
	}
	noop := event({"name": "NOOP"}, {"user": "eve"})
	rules := ready.by_account with data.imap.accounts as accounts with input as noop
	[verdict, _] := ready.command with data.imap.policy.rules as rules with input as noop
	verdict == "IMAP_REQ_REJECT"
}
