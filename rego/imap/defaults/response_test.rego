package imap.defaults_test

import data.imap.defaults
import data.imap.lookup

test_response_accepts[note] if {
	some note, response in {
		"greeting": {"command": "GREETING", "type": "UNTAGGED", "name": "PREAUTH"},
		"tagged": {"command": "NOOP", "type": "TAGGED", "name": "NO"},
		"untagged": {"command": "FETCH", "type": "UNTAGGED", "name": "FETCH"},
		"unsolicited": {"command": "UNSOLICITED", "type": "UNTAGGED", "name": "EXISTS"},
	}
	[_, "IMAP_RSP_ACCEPT"] = lookup.response with input.response as response
		with data.imap.policy.response as defaults.response
}

test_unsolicited_responses_have_a_row_of_their_own if {
	lookup.rows("UNSOLICITED").own == {"UNTAGGED": {"*": "IMAP_RSP_ACCEPT"}} with data.imap.policy.response as defaults.response
}
