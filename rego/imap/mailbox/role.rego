package imap.mailbox

# METADATA
# title: Mailboxes of a role
# description: >-
#   The set of the mailboxes that have a special use (RFC 6154: "all", "archive", "drafts", "flagged", "important", "junk", "sent",
#   "trash"), as LIST responses told in this session; to be roots for within and outside. Undefined where none was told, so that a
#   condition on it does not hold. A client that asks for no list learns none: have names to fall back to.
role(use) := {name | some name in told} if {
	told := input.session.roles[use]
}

# METADATA
# title: Surely has a role
# description: True if LIST told that the mailbox has the special use. That it is not true says nothing.
has_role(name, use) if {
	some told in role(use)
	same(name, told)
}
