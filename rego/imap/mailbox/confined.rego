package imap.mailbox

# METADATA
# title: Surely confined
# description: >-
#   True if each mailbox that the command in input names, lists or works on, the selected one included, is within the roots;
#   also for a command that touches none. False for a command that is not known, or whose mailboxes cannot be told: GETQUOTA and
#   SETQUOTA (a quota root is no mailbox), NOTIFY, ESEARCH of more than it names. roots is a name, or an array or set of
#   names.
confined(roots) if {
	input.command.known == true
	every place in _places {
		_confined(place, roots)
	}
}

_places := _touched[input.command.name]

# Gmail's labels are mailboxes.
_places := ["selected"] if {
	input.command.name in {"STORE", "UID STORE"}
	not input.command.items
}

# RFC 7377 section 4: with neither a name nor a choice the selected mailbox is meant.
_places := array.concat(_named, _selected) if {
	input.command.name == "ESEARCH"
	every item in _items {
		_chosen(item)
	}
}

_named := ["named"] if {
	some item in _items
	item in {"MAILBOXES", "SUBTREE", "SUBTREE-ONE"}
}

else := []

_selected := ["selected"] if {
	count(_named) == 0
}

else := ["selected"] if {
	"SELECTED" in _items
}

else := []

_items := object.get(input.command, "items", [])

# Choices of mailboxes that are named or selected, and options that choose none.
_chosen(item) if {
	item in {
		"ALL",
		"CONTEXT",
		"COUNT",
		"MAILBOXES",
		"MAX",
		"MIN",
		"RELEVANCY",
		"SAVE",
		"SELECTED",
		"SUBTREE",
		"SUBTREE-ONE",
		"UPDATE",
	}
}

_chosen(item) if startswith(item, "PARTIAL ")

# What each other command touches. One that is not here may touch anything.
_touched := {
	"APPEND": ["named"],
	"AUTHENTICATE": [],
	"CANCELUPDATE": ["selected"],
	"CAPABILITY": [],
	"CHECK": [],
	"CLOSE": ["selected"],
	"COMPARATOR": [],
	"COPY": ["named", "selected"],
	"CREATE": ["named"],
	"DELETE": ["named"],
	"DELETEACL": ["named"],
	"ENABLE": [],
	"EXAMINE": ["named"],
	"EXPUNGE": ["selected"],
	"FETCH": ["selected"],
	"GETACL": ["named"],
	"GETMETADATA": ["named"],
	"GETQUOTAROOT": ["named"],
	"ID": [],
	"IDLE": [],
	"LANGUAGE": [],
	"LIST": ["patterns"],
	"LISTRIGHTS": ["named"],
	"LOGIN": [],
	"LOGOUT": [],
	"LSUB": ["patterns"],
	"MOVE": ["named", "selected"],
	"MYRIGHTS": ["named"],
	"NAMESPACE": [],
	"NOOP": [],
	"RENAME": ["named"],
	"REPLACE": ["named", "selected"],
	"SEARCH": ["selected"],
	"SELECT": ["named"],
	"SETACL": ["named"],
	"SETMETADATA": ["named"],
	"SORT": ["selected"],
	"STARTTLS": [],
	"STATUS": ["named"],
	"SUBSCRIBE": ["named"],
	"THREAD": ["selected"],
	"UID COPY": ["named", "selected"],
	"UID EXPUNGE": ["selected"],
	"UID FETCH": ["selected"],
	"UID MOVE": ["named", "selected"],
	"UID REPLACE": ["named", "selected"],
	"UID SEARCH": ["selected"],
	"UID SORT": ["selected"],
	"UID THREAD": ["selected"],
	"UIDBATCHES": ["selected"],
	"UNSELECT": [],
	"UNSUBSCRIBE": ["named"],
	"XLIST": ["patterns"],
}

_confined("named", roots) if {
	count(input.command.mailboxes) > 0
	every name in input.command.mailboxes {
		within(name, roots)
	}
}

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
