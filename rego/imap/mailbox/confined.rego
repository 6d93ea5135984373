package imap.mailbox

import data.imap.effects

# METADATA
# title: Surely confined
# description: >-
#   True if each mailbox that the command in input names, lists or works on, the selected one included, is within the roots;
#   also for a command that touches none. False for a command that is not known, or whose mailboxes cannot be told (GETQUOTA).
#   roots is a name, or an array or set of names.
confined(roots) if {
	input.command.known == true
	places := _touched
	every place in places {
		_confined(place, roots)
	}
}

_touched := set() if {
	input.command.name in {
		"AUTHENTICATE",
		"CAPABILITY",
		"CHECK",
		"COMPARATOR",
		"ENABLE",
		"ID",
		"IDLE",
		"LANGUAGE",
		"LOGIN",
		"LOGOUT",
		"NAMESPACE",
		"NOOP",
		"STARTTLS",
		"UNSELECT",
	}
}

_touched := {"mailbox"} if {
	input.command.name in {
		"CREATE",
		"DELETE",
		"DELETEACL",
		"EXAMINE",
		"GETACL",
		"GETMETADATA",
		"GETQUOTAROOT",
		"LISTRIGHTS",
		"MYRIGHTS",
		"SELECT",
		"SETACL",
		"SETMETADATA",
		"STATUS",
		"SUBSCRIBE",
		"UNSUBSCRIBE",
	}
}

_touched := {"mailbox", "new_mailbox"} if input.command.name == "RENAME"

# What reads for the message it adds may read from any mailbox (CATENATE, RFC 4469).
_touched := {"mailbox"} if {
	input.command.name == "APPEND"
	not "reads_content" in effects.command
}

_touched := {"mailbox", "selected"} if {
	input.command.name in {"COPY", "MOVE", "UID COPY", "UID MOVE"}
}

_touched := {"mailbox", "selected"} if {
	input.command.name in {"REPLACE", "UID REPLACE"}
	not "reads_content" in effects.command
}

_touched := {"patterns"} if input.command.name in {"LIST", "LSUB", "XLIST"}

_touched := {"selected"} if {
	input.command.name in {
		"CANCELUPDATE",
		"CLOSE",
		"EXPUNGE",
		"FETCH",
		"SEARCH",
		"SORT",
		"THREAD",
		"UID EXPUNGE",
		"UID FETCH",
		"UID SEARCH",
		"UID SORT",
		"UID THREAD",
		"UIDBATCHES",
	}
}

# Gmail's labels are mailboxes.
_touched := {"selected"} if {
	input.command.name in {"STORE", "UID STORE"}
	not input.command.items
}

_confined("mailbox", roots) if within(input.command.mailbox, roots)

_confined("new_mailbox", roots) if within(input.command.new_mailbox, roots)

_confined("selected", roots) if within(input.session.mailbox.name, roots)

_confined("patterns", roots) if {
	count(input.command.patterns) > 0
	every pattern in input.command.patterns {
		_listed(pattern, roots)
	}
}

# RFC 9051 section 6.3.9: the empty pattern asks for the delimiter only.
_listed(pattern, _) if pattern == ""

_listed(pattern, roots) if {
	_relative(pattern)
	name := concat("", [input.command.reference, pattern])
	not _has_wildcard(name)
	within(name, roots)
}

# What stands before the first wildcard must already lead below a root.
_listed(pattern, roots) if {
	_relative(pattern)
	name := concat("", [input.command.reference, pattern])
	_has_wildcard(name)
	_plain(name)
	some root in _each(roots)
	startswith(regex.find_n(`^[^%*]*`, name, 1)[0], _below(root))
}

_has_wildcard(name) if regex.match(`[%*]`, name)

# RFC 3501 section 6.3.8: a server may ignore the reference before a pattern that begins like a path or a namespace.
_relative(_) if input.command.reference == ""

_relative(pattern) if not regex.match(`^[#~./\\]`, pattern)
