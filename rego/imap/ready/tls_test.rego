package imap.ready_test

import data.imap.ready

test_tls[note] if {
	refused := ["IMAP_REQ_REJECT", "log in under TLS", "PRIVACYREQUIRED"]
	some note, tc in {
		"LOGIN in the clear": {"name": "LOGIN", "session": {}, "want": refused},
		"AUTHENTICATE in the clear": {"name": "AUTHENTICATE", "session": {}, "want": refused},
		"LOGIN under TLS": {"name": "LOGIN", "session": {"tls": {"version": "1.3"}}, "want": accepted},
		"NOOP in the clear": {"name": "NOOP", "session": {}, "want": accepted},
		"STARTTLS": {"name": "STARTTLS", "session": {}, "want": accepted},
	}
	ready.verdict("tls", {}) == tc.want with input as event({"name": tc.name}, tc.session)
}

test_tls_hides_mechanisms if {
	ready.capability["AUTH=PLAIN"] with input as event({"name": "NOOP"}, {"tls": {"version": "1.3"}})
		with data.imap.policy.rules as {"tls": {}}
	shown := ready.capability with input as event({"name": "NOOP"}, {})
		with data.imap.policy.rules as {"tls": {}}
	shown.IDLE == "IMAP_CAP_ACCEPT"
	every name, _ in shown {
		not startswith(name, "AUTH=")
	}
}

# A server that says who it is, before anybody logged in, does so in the clear as well.
test_tls_takes_no_preauth_in_the_clear if {
	clear := {"GREETING": {"UNTAGGED": {"PREAUTH": "IMAP_RSP_ABORT"}}}
	ready.rows("tls", {}) == clear with input.session as {}
	not ready.rows("tls", {}) with input.session as {"tls": {"version": "1.3"}}
}
