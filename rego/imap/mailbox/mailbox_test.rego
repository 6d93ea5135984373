package imap.mailbox_test

import data.imap.mailbox

# A rule is true or false here, so that cases can say either.
default same(_, _) := false

same(a, b) if mailbox.same(a, b)

default within(_, _) := false

within(name, roots) if mailbox.within(name, roots)

default outside(_, _) := false

outside(name, roots) if mailbox.outside(name, roots)

test_delimiter[note] if {
	some note, tc in {
		"as the server told": {"session": {"delimiter": "."}, "policy": {"delimiter": "/"}, "want": "."},
		"as the policy has it": {"session": {}, "policy": {"delimiter": "/"}, "want": "/"},
	}
	mailbox.delimiter == tc.want with input.session as tc.session with data.imap.policy as tc.policy
}

test_delimiter_unknown if {
	not mailbox.delimiter with input.session as {} with data.imap.policy as {}
}

test_same[note] if {
	some [a, b, want] in [
		["Archive", "Archive", true],
		["Archive", "archive", false],
		["Archive/", "Archive", true],
		["Archive//", "Archive", false],
		["INBOX", "inbox", true],
		["iNbOx", "InBoX", true],
		["INBOX/", "inbox", true],
		["INBOX/x", "inbox/x", false],
		["ınbox", "INBOX", false],
		["İNBOX", "INBOX", false],
		["", "", true],
		["", "INBOX", false],
	]
	note := sprintf("%q %q", [a, b])
	same(a, b) == want with input.session.delimiter as "/"
}

# For each name: surely within Archive, surely outside of it; by delimiter, "" for an unknown one.
test_containment[note] if {
	some delimiter, cases in {
		"/": {
			"Archive": [true, false],
			"Archive/": [true, false],
			"Archive/2024": [true, false],
			"Archive/2024/": [true, false],
			"Archive/a/b": [true, false],
			"Archive/.a": [true, false],
			"Archive.2024": [false, true],
			"Archive2": [false, true],
			"Archiv": [false, true],
			"archive": [false, false],
			"ARCHIVE/2024": [false, false],
			"INBOX": [false, true],
			"INBOX/Archive": [false, true],
			"Archive/../Secret": [false, false],
			"Archive//x": [false, false],
			"Archive/./x": [false, false],
			"x/../Archive": [false, false],
			"/Archive": [false, false],
			"//": [false, false],
			"": [false, false],
		},
		".": {
			"Archive.2024": [true, false],
			"Archive/2024": [false, true],
			"Archive..2024": [false, false],
			"Archive.2024.": [true, false],
		},
		"": {
			"Archive": [true, false],
			"Archive/2024": [false, false],
			"Archive.2024": [false, false],
			"Archive2": [false, false],
			"Archive/": [false, false],
			"Secret": [false, true],
			"x/Archive": [false, true],
			"x/../Archive": [false, false],
			"x//y": [false, false],
		},
	}
	session := {"delimiter": delimiter | delimiter != ""}
	some name, want in cases
	note := sprintf("%q by %q", [name, delimiter])
	[within(name, "Archive"), outside(name, "Archive")] == want with input.session as session
		with data.imap.policy as {}
}

test_containment_in_inbox[name] if {
	some name, want in {
		"INBOX": [true, false],
		"inbox": [true, false],
		"INBOX/x": [true, false],
		"inbox/x": [false, false],
		"INBOX2": [false, true],
	}
	[within(name, "Inbox"), outside(name, "Inbox")] == want with input.session.delimiter as "/"
}

test_roots[note] if {
	some note, tc in {
		"array": {"roots": ["Drafts", "Archive"], "want": [true, false]},
		"set": {"roots": {"Drafts", "Archive"}, "want": [true, false]},
		"none of an array": {"roots": ["Drafts", "Sent"], "want": [false, true]},
		"root with a delimiter": {"roots": "Archive/", "want": [true, false]},
		"root further down": {"roots": "Archive/2024/May", "want": [false, true]},
		"root given as a file path": {"roots": "/Archive", "want": [false, true]},
		"no roots": {"roots": [], "want": [false, true]},
	}
	[within("Archive/2024", tc.roots), outside("Archive/2024", tc.roots)] == tc.want with input.session.delimiter as "/"
}

sure contains "name within" if mailbox.within(input.command.mailbox, "Archive")

sure contains "name outside" if mailbox.outside(input.command.mailbox, "Secret")

sure contains "within roots" if mailbox.within("Archive", input.command.patterns)

sure contains "outside of roots" if mailbox.outside("Secret", input.command.patterns)

test_nothing_is_sure_of_what_is_absent if {
	count(sure) == 0 with input as {}
	count(sure) == 4 with input.command as {"mailbox": "Archive", "patterns": ["Archive"]}
}
