package imap.defaults_test

import data.imap.defaults

test_request_accepts if {
	every name, verdict in defaults.request {
		name == upper(name)
		verdict == "IMAP_REQ_ACCEPT"
	}
}

test_request_has_no_row_for_any if {
	not "*" in object.keys(defaults.request)
}

# The dataplane loses sight of the session or the message.
test_request_has_no_row[name] if {
	some name in [
		"COMPRESS",
		"CONVERT",
		"ESEARCH",
		"GENURLAUTH",
		"GETJMAPACCESS",
		"NOTIFY",
		"RESETKEY",
		"RLIST",
		"RLSUB",
		"UNAUTHENTICATE",
		"URLFETCH",
		"XFOO",
	]
	not defaults.request[name]
}

test_verdict[name] if {
	some name, want in {
		"NOOP": "IMAP_REQ_ACCEPT",
		"UID FETCH": "IMAP_REQ_ACCEPT",
		"COMPRESS": "IMAP_REQ_REJECT",
		"*": "IMAP_REQ_REJECT",
	}
	defaults.verdict == want with input.command.name as name
}

test_verdict_without_a_command if {
	defaults.verdict == "IMAP_REQ_REJECT" with input as {}
}
