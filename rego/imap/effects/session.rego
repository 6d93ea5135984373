package imap.effects

# RFC 9051 section 6.4.1: CLOSE expunges, unless the mailbox was opened read-only.
_by_arguments := _expunged if {
	input.command.name == "CLOSE"
}

_expunged := set() if {
	input.session.mailbox.read_only == true
}

else := {"destroys"}

# To log in again changes whose session it is.
_by_arguments := {"credentials"} | _relogin if {
	input.command.name in {"AUTHENTICATE", "LOGIN"}
}

_relogin := set() if {
	input.imap_state_old == "not_authenticated"
}

else := {"stream"}

# RFC 9051 section 6.3.6: RENAME of INBOX moves its messages out of it, and leaves it there.
_by_arguments := {"moves"} | _emptied if {
	input.command.name == "RENAME"
}

_emptied := {"adds", "destroys"} if {
	upper(input.command.mailbox) == "INBOX"
}

else := set() if {
	input.command.mailbox
}
