package imap.policy_test

import data.imap.main

# When the session began, in Berlin's winter and summer, and from where.
test_office_hours[note] if {
	refused := ["IMAP_REQ_REJECT", "come back in office hours"]
	some note, tc in {
		"a Monday morning": {"at": "2026-11-23T08:00:00+01:00", "from": "192.0.2.7", "want": accepted},
		"before": {"at": "2026-11-23T07:59:59+01:00", "from": "192.0.2.7", "want": refused},
		"in summer": {"at": "2026-07-06T17:59:59+02:00", "from": "192.0.2.7", "want": accepted},
		"a Saturday": {"at": "2026-11-21T12:00:00+01:00", "from": "192.0.2.7", "want": refused},
		"from elsewhere": {
			"at": "2026-11-23T08:00:00+01:00", "from": "198.51.100.7",
			"want": ["IMAP_REQ_REJECT", "not from this network"],
		},
	}
	session := {"connected_ns": time.parse_rfc3339_ns(tc.at), "client": {"address": tc.from}}
	verdict({"name": "LOGIN"}, session) == tc.want
	verdict({"name": "ID"}, session) == accepted
}

# verdict is what is decided on a command, for a session with these fields.
verdict(command, session) := value if {
	value := main.decision.value with input as {
		"kind": "command",
		"imap_state_old": "selected",
		"imap_state_new": "selected",
		"session": object.union({"id": "s1", "user": "anna", "authentication_failures": 0, "delimiter": "/"}, session),
		"command": object.union({"tag": "a1", "args": [], "known": true}, command),
	}
}

accepted := "IMAP_REQ_ACCEPT"
