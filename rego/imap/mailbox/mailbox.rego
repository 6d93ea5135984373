# METADATA
# title: Mailboxes
# description: >-
#   Identity and containment of mailboxes. within and outside are not each other's opposite: each is true only if it is sure,
#   so that either can be the condition of an ACCEPT, and neither should be negated. Names are decoded, as in input. A mailbox
#   that the server shows under two names is known here by the one that is used.
package imap.mailbox

# METADATA
# title: Hierarchy delimiter
# description: >-
#   What separates the levels of a name: what the server told in this session, else data.imap.policy.delimiter, if the
#   policy has it. Undefined if neither is known: then no mailbox is known to be below another.
# scope: document
delimiter := told if {
	told := input.session.delimiter
}

else := data.imap.policy.delimiter

# METADATA
# title: Same mailbox
# description: >-
#   True if two names are of one mailbox: INBOX in any case (RFC 9051 section 5.1); else the same text, with or without a
#   delimiter behind it.
same(a, b) if _canonical(a) == _canonical(b)

# METADATA
# title: Surely within
# description: >-
#   True if the mailbox is one of the roots or below one: "Archive/2024" is within "Archive", "Archive2" is not. roots is a
#   name, or an array or set of names.
# scope: document
within(name, roots) if {
	some root in _each(roots)
	same(name, root)
}

within(name, roots) if {
	_plain(name)
	some root in _each(roots)
	startswith(name, _below(root))
}

# METADATA
# title: Surely outside
# description: >-
#   True if the mailbox is neither one of the roots nor below one, whatever the case of its letters. False for a name with a
#   part that a server might take for a way around (empty, "." or ".."). roots is a name, or an array or set of names.
outside(name, roots) if {
	_plain(name)
	every root in _each(roots) {
		not _may_be_within(lower(_canonical(name)), lower(_canonical(root)))
	}
}

_may_be_within(name, root) if name == root

_may_be_within(name, root) if startswith(name, concat("", [root, delimiter]))

# Any character could be the delimiter.
_may_be_within(name, root) if {
	not delimiter
	startswith(name, root)
}

# Both cases, since letters beyond ASCII turn into those of INBOX in one of them.
_canonical(name) := "INBOX" if {
	upper(name) == "INBOX"
	lower(name) == "inbox"
}

else := trimmed if {
	trimmed := trim_suffix(name, delimiter)
}

else := name

_below(root) := concat("", [_canonical(root), delimiter])

_plain(name) if {
	every part in _parts(name) {
		not part in {"", ".", ".."}
	}
}

_parts(name) := parts if {
	parts := split(trim_suffix(name, delimiter), delimiter)
}

else := regex.split(`[./\\]`, name)

_each(roots) := {roots} if is_string(roots)

else := roots
