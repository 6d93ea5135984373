package imap.ready_test

import data.imap.ready

test_oauth[note] if {
	refused := ["IMAP_REQ_REJECT", "log in by OAuth"]
	some note, tc in {
		"LOGIN": {"command": {"name": "LOGIN", "user": "anna"}, "want": refused},
		"OAUTHBEARER": {"command": {"name": "AUTHENTICATE", "mechanism": "OAUTHBEARER"}, "want": accepted},
		"XOAUTH2": {"command": {"name": "AUTHENTICATE", "mechanism": "XOAUTH2"}, "want": accepted},
		"PLAIN": {"command": {"name": "AUTHENTICATE", "mechanism": "PLAIN"}, "want": refused},
		"no mechanism": {"command": {"name": "AUTHENTICATE"}, "want": refused},
		"NOOP": {"command": {"name": "NOOP"}, "want": accepted},
	}
	ready.verdict("oauth", {}) == tc.want with input as event(tc.command, {})
}

test_oauth_hides_mechanisms if {
	shown := ready.capability with data.imap.policy.rules as {"oauth": {}}
	shown.IDLE == "IMAP_CAP_ACCEPT"
	{name | some name, _ in shown; startswith(name, "AUTH=")} == {"AUTH=OAUTHBEARER", "AUTH=XOAUTH2"}
}

test_oauth_takes_no_preauth if {
	ready.rows("oauth", {}) == {"GREETING": {"UNTAGGED": {"PREAUTH": "IMAP_RSP_ABORT"}}}
}
