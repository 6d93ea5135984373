# METADATA
# title: Accounts
# description: >-
#   Who acts in input. Servers take more than one spelling of a user name (other case, with and without a domain), so there are
#   two answers: is, for what is granted, and may_be, for what is forbidden. Aliases and master users that only the server knows
#   are not found by either.
package imap.account

# METADATA
# title: Surely one of these
# description: >-
#   True if who acts is known, and each name they go by is among users, letter by letter: the authentication identity, and the
#   authorization identity where it differs. users is an array or set of names.
is(users) if {
	count(_names) > 0
	every name in _names {
		name in users
	}
}

# METADATA
# title: Perhaps one of these
# description: >-
#   True if a name that who acts goes by is one of users but for case, and for a domain, or a master user, that one of the two
#   lacks ("anna", "anna@example.org", "anna%example.org", "anna*master"); if it has characters that a server may take for others
#   (RFC 4013); and if somebody is or would be logged in, and it is not known who. False before login, but for the command that
#   logs in. users is an array or set of names.
# scope: document
may_be(users) if {
	some name in _names
	some user in users
	_alike(lower(name), lower(user))
}

may_be(_) if {
	some name in _names
	regex.match(_mapped, name)
}

may_be(_) if {
	somebody
	count(_names) == 0
}

_alike(a, b) if a == b

_alike(a, b) if {
	_local(a) == _local(b)
	count([name | some name in [a, b]; contains(name, "@")]) < 2
}

_local(name) := regex.split("[@%*!#]", name)[0]

# Letters and digits with compatibility mappings, spaces beyond ASCII, and what is mapped to nothing, by their blocks (RFC 3454 appendix
# B, C.1); and a space at an end, which some servers cut off.
_mapped := concat("", [
	`^ | $|[\x{aa}\x{ad}\x{b2}\x{b3}\x{b9}\x{ba}\x{132}\x{133}\x{13f}\x{140}\x{149}\x{17f}\x{1c4}-\x{1cc}\x{1f1}-\x{1f3}`,
	`\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{2070}-\x{209f}\x{2100}-\x{218f}\x{2460}-\x{24ff}\x{3000}`,
	`\x{fb00}-\x{fb06}\x{fe00}-\x{fe0f}\x{ff00}-\x{ffef}\x{1d400}-\x{1d7ff}\x{1f100}-\x{1f1ff}\p{Cc}\p{Cf}\p{Lm}\p{M}]`,
])

# METADATA
# title: Somebody acts
# description: True if somebody is logged in, or logs in by the command in input.
# scope: document
somebody if input.imap_state_old in {"authenticated", "selected", "logout"}

somebody if _logs_in

_logs_in if {
	input.command.name in {"AUTHENTICATE", "LOGIN"}
	input.imap_state_old == "not_authenticated"
}

_names contains input.command.user if _logs_in

_names contains input.command.authorization_identity if _logs_in

_names contains input.session.user if not _logs_in

_names contains input.session.authorization_identity if not _logs_in
