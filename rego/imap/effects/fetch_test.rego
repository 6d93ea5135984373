package imap.effects_test

import data.imap.effects

metadata := {"reads_metadata"}

peek := {"reads_content", "reads_metadata"}

mark := {"flags", "reads_content", "reads_metadata"}

test_fetch[note] if {
	some name in ["FETCH", "UID FETCH"]
	some items, want in {
		["FLAGS"]: metadata,
		["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]: metadata,
		["UID", "BODYSTRUCTURE", "MODSEQ", "EMAILID", "THREADID", "SAVEDATE"]: metadata,
		["BODY.PEEK[]"]: peek,
		["BODY.PEEK[HEADER.FIELDS (DATE FROM)]<0.100>"]: peek,
		["BINARY.PEEK[1]<0.100>"]: peek,
		["BINARY.SIZE[1]"]: peek,
		["PREVIEW"]: peek,
		["PREVIEW (LAZY)"]: peek,
		["RFC822.HEADER"]: peek,
		["FLAGS", "BODY.PEEK[TEXT]", "RFC822.HEADER"]: peek,
		["BODY[]"]: mark,
		["BODY[1.MIME]"]: mark,
		["BODY[HEADER]"]: mark,
		["BINARY[1]"]: mark,
		["RFC822"]: mark,
		["RFC822.TEXT"]: mark,
		["FLAGS", "BODY.PEEK[]", "BODY[TEXT]<0.1>"]: mark,
		["BODY", "BODY[TEXT]"]: mark,
		["ANNOTATION (/comment (value))"]: effects.all,
		["FLAGS", "X-NEW"]: effects.all,
		["BODY.PEEK[]", "X-NEW[]"]: effects.all,
		["flags"]: effects.all,
	}
	note := concat(" ", array.concat([name], items))
	effects.command == want with input.command as {"name": name, "known": true, "items": items}
}

test_fetch_of_nothing if {
	effects.command == effects.all with input.command as {"name": "FETCH", "known": true}
}

# A mailbox opened read-only keeps its flags.
test_fetch_read_only[note] if {
	some note, tc in {
		"body": {"items": ["BODY[]"], "read_only": true, "want": peek},
		"body and peek": {"items": ["BODY[]", "BODY.PEEK[]"], "read_only": true, "want": peek},
		"body, read-write": {"items": ["BODY[]"], "read_only": false, "want": mark},
		"metadata": {"items": ["FLAGS"], "read_only": true, "want": metadata},
		"unknown": {"items": ["X-NEW"], "read_only": true, "want": effects.all},
	}
	effects.command == tc.want with input.command as {"name": "FETCH", "known": true, "items": tc.items}
		with input.session.mailbox.read_only as tc.read_only
}
