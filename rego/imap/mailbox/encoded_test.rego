package imap.mailbox_test

import data.imap.mailbox

test_encoded[name] if {
	some name, want in {
		"": "",
		"INBOX": "INBOX",
		"R&D": "R&-D",
		"&": "&-",
		"Entwürfe": "Entw&APw-rfe",
		"~peter/mail/台北/日本語": "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"Ω/ΩΩ&Ω": "&A6k-/&A6kDqQ-&-&A6k-",
		"😀": "&2D3eAA-",
		"€uro": "&IKw-uro",
		"tab\there": "tab&AAk-here",
		"\u007f": "&AH8-",
	}
	mailbox.encoded(name) == want
}

test_quoted[name] if {
	some name, want in {
		"Work": `"Work"`,
		`a "b" \c`: `"a \"b\" \\c"`,
		"R&D": `"R&-D"`,
		"Entwürfe": `"Entw&APw-rfe"`,
	}
	mailbox.quoted(name) == want with input.session as {}
}

test_quoted_where_the_session_speaks_utf_8 if {
	every enabled in [["UTF8=ACCEPT"], ["CONDSTORE", "IMAP4REV2"]] {
		mailbox.quoted("R&D") == `"R&D"` with input.session.enabled as enabled
		not mailbox.quoted("Entwürfe") with input.session.enabled as enabled
	}
	mailbox.quoted("Entwürfe") == `"Entw&APw-rfe"` with input.session.enabled as ["CONDSTORE"]
}
