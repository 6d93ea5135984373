package imap.account_test

import data.imap.account

default is(_) := false

is(users) if account.is(users)

default may_be(_) := false

may_be(users) if account.may_be(users)

# Is somebody with this session and command anna, or anna@a.org? Surely, and perhaps?
test_logged_in[note] if {
	some note, tc in {
		"the same": {"session": {"user": "anna"}, "is": true, "may_be": true},
		"other case": {"session": {"user": "Anna"}, "is": false, "may_be": true},
		"with that domain": {"session": {"user": "ANNA@A.ORG"}, "is": false, "may_be": true},
		"with that domain, to the letter": {"session": {"user": "anna@a.org"}, "is": true, "may_be": true},
		"with another domain": {"session": {"user": "anna@b.org"}, "is": false, "may_be": true},
		"another": {"session": {"user": "annabel"}, "is": false, "may_be": false},
		"an empty name": {"session": {"user": ""}, "is": false, "may_be": false},
		"for another": {"session": {"user": "anna", "authorization_identity": "ben"}, "is": false, "may_be": true},
		"another for her": {"session": {"user": "ben", "authorization_identity": "anna"}, "is": false, "may_be": true},
		"she for herself": {"session": {"user": "anna", "authorization_identity": "anna@a.org"}, "is": true, "may_be": true},
		"not known": {"session": {}, "is": false, "may_be": true},
	}
	some state in ["authenticated", "selected", "logout"]
	event := {"imap_state_old": state, "session": tc.session}
	[is(users), may_be(users)] == [tc.is, tc.may_be] with input as event
}

users := ["anna", "anna@a.org"]

test_a_domain_is_not_another if {
	event := {"imap_state_old": "authenticated", "session": {"user": "anna@b.org"}}
	not may_be(["anna@a.org"]) with input as event
	may_be({"Anna@B.org"}) with input as event
}

test_logging_in[note] if {
	some note, tc in {
		"the same": {"command": {"user": "anna"}, "is": true, "may_be": true},
		"other case": {"command": {"user": "Anna"}, "is": false, "may_be": true},
		"another": {"command": {"user": "ben"}, "is": false, "may_be": false},
		"another for her": {"command": {"user": "ben", "authorization_identity": "anna"}, "is": false, "may_be": true},
		"not shown": {"command": {}, "is": false, "may_be": true},
	}
	some name in ["LOGIN", "AUTHENTICATE"]
	event := {"imap_state_old": "not_authenticated", "command": object.union(tc.command, {"name": name})}
	[is(users), may_be(users)] == [tc.is, tc.may_be] with input as event
}

test_before_login[note] if {
	some note, event in {
		"a command": {"command": {"name": "NOOP"}},
		"the greeting": {"kind": "greeting"},
	}
	at := object.union(event, {"imap_state_old": "not_authenticated", "session": {}})
	[is(users), may_be(users)] == [false, false] with input as at
	not account.somebody with input as at
}

test_who_logs_in_again_is_who_is_logged_in if {
	event := {"imap_state_old": "authenticated", "session": {"user": "ben"}, "command": {"name": "LOGIN", "user": "anna"}}
	[is(users), may_be(users)] == [false, false] with input as event
	account.somebody with input as event
}

# Names that a server may take for another: RFC 4616 has it prepare them (RFC 4013), and some take a domain, or a master user,
# behind other signs than "@".
test_may_be_by_another_spelling[name] if {
	some name in [
		"ａｎｎａ", "anna\u00ad", "ann\u1d43", "an\u200dna", " anna", "anna ", "anna\u00a0", "𝐚nna", "annª", "anna%example.org", "anna*master",
		"anna#example.org", "anna!", "ANNA%EXAMPLE.ORG",
	]
	account.may_be(["anna"]) with input as {"imap_state_old": "selected", "session": {"user": name}}
	not account.is(["anna"]) with input as {"imap_state_old": "selected", "session": {"user": name}}
}

test_may_not_be[name] if {
	some name in ["ben", "ben jones", "ben%example.org", "jörg", "ÅSA", "анна", "花子", "anna2", "anna@other.org", "ben@example.org"]
	not account.may_be(["anna@example.org"]) with input as {"imap_state_old": "selected", "session": {"user": name}}
}
