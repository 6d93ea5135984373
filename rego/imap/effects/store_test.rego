package imap.effects_test

import data.imap.effects

test_store[note] if {
	some name in ["STORE", "UID STORE"]
	some tc in [
		{"operation": "+", "flags": [`\Deleted`], "want": {"flags", "destroys"}},
		{"operation": "+", "flags": [`\dElEtEd`], "want": {"flags", "destroys"}},
		{"operation": "+", "flags": [`\Seen`, "$Junk", `\Flagged`, `\Deleted`], "want": {"flags", "destroys"}},
		{"operation": "", "flags": [`\Deleted`], "want": {"flags", "destroys"}},
		{"operation": "", "flags": [`\Seen`], "want": {"flags"}},
		{"operation": "+", "flags": [`\Seen`], "want": {"flags"}},
		{"operation": "+", "flags": ["Deleted"], "want": {"flags"}},
		{"operation": "-", "flags": [`\Deleted`], "want": {"flags"}},
		{"operation": "-", "flags": [`\Seen`], "want": {"flags"}},
		{"operation": "?", "flags": [`\Seen`], "want": effects.all},
	]
	note := concat(" ", array.concat([name, concat("", [tc.operation, "FLAGS"])], tc.flags))
	effects.command == tc.want with input.command as {
		"name": name,
		"known": true,
		"flags_operation": tc.operation,
		"silent": true,
		"flags": tc.flags,
	}
}

test_store_takes_all_flags_away if {
	effects.command == {"flags"} with input.command as {"name": "STORE", "known": true, "flags_operation": ""}
}

test_store_without_operation if {
	effects.command == effects.all with input.command as {"name": "STORE", "known": true, "flags": [`\Seen`]}
}

test_store_label[note] if {
	some note, tc in {
		"label": {"items": ["X-GM-LABELS"], "want": {"adds", "destroys", "flags", "moves"}},
		"another item": {"items": ["ANNOTATION"], "want": effects.all},
	}
	effects.command == tc.want with input.command as {
		"name": "STORE",
		"known": true,
		"flags_operation": "-",
		"flags": [`\Inbox`],
		"items": tc.items,
	}
}
