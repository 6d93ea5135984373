package imap.ready_test

import data.imap.ready

test_network[note] if {
	settings := {"networks": ["192.0.2.0/24", "2001:db8::/32"]}
	refused := ["IMAP_REQ_REJECT", "not from this network"]
	some note, tc in {
		"from there": {"client": {"address": "192.0.2.7"}, "name": "LOGIN", "want": accepted},
		"from there by IPv6": {"client": {"address": "2001:db8::7"}, "name": "LOGIN", "want": accepted},
		"from elsewhere": {"client": {"address": "192.0.3.7"}, "name": "LOGIN", "want": refused},
		"over a unix socket": {"client": {}, "name": "LOGIN", "want": refused},
		"AUTHENTICATE": {"client": {"address": "192.0.3.7"}, "name": "AUTHENTICATE", "want": refused},
		"where a server greets with PREAUTH": {"client": {"address": "192.0.3.7"}, "name": "LIST", "want": refused},
		"to get under TLS": {"client": {"address": "192.0.3.7"}, "name": "STARTTLS", "want": accepted},
		"to go": {"client": {"address": "192.0.3.7"}, "name": "LOGOUT", "want": accepted},
	}
	ready.verdict("network", settings) == tc.want with input as event({"name": tc.name}, {"client": tc.client})
}

test_network_without_settings if {
	ready.verdict("network", {}) == ["IMAP_REQ_REJECT", "not from this network"] with input as event(
		{"name": "LOGIN"},
		{"client": {"address": "192.0.2.7"}},
	)
}
