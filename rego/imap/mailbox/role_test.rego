package imap.mailbox_test

import data.imap.mailbox

told := {"delimiter": "/", "roles": {"sent": ["Sent", "Sent Items"], "trash": ["Trash"]}}

test_role if {
	mailbox.role("sent") == {"Sent", "Sent Items"} with input.session as told
}

test_role_that_was_not_told_is_undefined[note] if {
	some note, tc in {
		"of others": {"session": told, "role": "archive"},
		"no list": {"session": {"delimiter": "/"}, "role": "sent"},
		"no such use": {"session": told, "role": "Sent"},
	}
	not mailbox.role(tc.role) with input.session as tc.session
}

filed(name, use) if mailbox.within(name, mailbox.role(use))

apart(name, use) if mailbox.outside(name, mailbox.role(use))

# Neither condition of a grant holds where nothing was told.
test_roles_are_roots if {
	filed("Trash/2024", "trash") with input.session as told
	not filed("Trash2", "trash") with input.session as told
	apart("Drafts", "sent") with input.session as told
	not apart("sent items", "sent") with input.session as told
	not filed("Archive", "archive") with input.session as told
	not apart("Archive", "archive") with input.session as told
}

test_has_role if {
	mailbox.has_role("Sent Items/", "sent") with input.session as told
	not mailbox.has_role("Sent/2024", "sent") with input.session as told
	not mailbox.has_role("Sent", "trash") with input.session as told
	not mailbox.has_role("Sent", "archive") with input.session as told
}

# RFC 2342: mailboxes of other users, and shared ones, are named below prefixes of their own.
test_namespaces[name] if {
	some name in ["user.ben", "Other Users/ben/INBOX", "#shared/Team", "Shared Folders/Team", "~ben/Mail"]
	not mailbox.within(name, ["INBOX", "Archive"]) with input.session.delimiter as "/"
	mailbox.outside(name, ["INBOX", "Archive"]) with input.session.delimiter as "/"
	not mailbox.outside(name, ["user.ben", "Other Users", "#shared", "Shared Folders", "~ben"]) with input.session.delimiter as "/"
}
