package imap.effects_test

import data.imap.effects

test_close[note] if {
	some note, tc in {
		"read-write": {"mailbox": {"name": "INBOX", "read_only": false}, "want": {"destroys"}},
		"read-only": {"mailbox": {"name": "INBOX", "read_only": true}, "want": set()},
		"not told": {"mailbox": {"name": "INBOX"}, "want": {"destroys"}},
	}
	effects.command == tc.want with input.command as {"name": "CLOSE", "known": true}
		with input.session.mailbox as tc.mailbox
}

test_close_without_a_mailbox if {
	effects.command == {"destroys"} with input.command as {"name": "CLOSE", "known": true}
}

test_expunge_destroys_where_it_should_fail if {
	effects.command == {"destroys"} with input.command as {"name": "EXPUNGE", "known": true}
		with input.session.mailbox as {"name": "INBOX", "read_only": true}
}

test_login[note] if {
	some name in ["LOGIN", "AUTHENTICATE"]
	some state, want in {
		"not_authenticated": {"credentials"},
		"authenticated": {"credentials", "stream"},
		"selected": {"credentials", "stream"},
	}
	note := concat(" ", [name, state])
	effects.command == want with input.command as {"name": name, "known": true} with input.imap_state_old as state
}

test_login_in_no_state if {
	effects.command == {"credentials", "stream"} with input.command as {"name": "LOGIN", "known": true}
}

test_rename[name] if {
	some name, want in {
		"Archive": {"moves"},
		"INBOX/x": {"moves"},
		"INBOX": {"adds", "destroys", "moves"},
		"Inbox": {"adds", "destroys", "moves"},
	}
	effects.command == want with input.command as {"name": "RENAME", "known": true, "mailbox": name, "new_mailbox": "x"}
}

test_rename_of_nothing if {
	effects.command == effects.all with input.command as {"name": "RENAME", "known": true}
}
