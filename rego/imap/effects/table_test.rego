package imap.effects_test

import data.imap.effects

# What seems to be harmless and is not, and the other way round.
test_table[name] if {
	some name, want in {
		"COPY": {"adds"},
		"DELETE": {"destroys"},
		"DELETEACL": {"rights"},
		"ENABLE": {"stream"},
		"EXAMINE": {"reads_metadata"},
		"EXPUNGE": {"destroys"},
		"GENURLAUTH": {"rights"},
		"MOVE": {"adds", "destroys", "moves"},
		"NOTIFY": {"reads_content", "reads_metadata", "stream"},
		"SETACL": {"rights"},
		"SETMETADATA": {"rights"},
		"SETQUOTA": {"rights"},
		"UID EXPUNGE": {"destroys"},
		"UID MOVE": {"adds", "destroys", "moves"},
		"UNAUTHENTICATE": {"credentials", "stream"},
		"UNSELECT": set(),
		"URLFETCH": {"reads_content"},
	}
	effects.command == want with input.command as {"name": name, "known": true}
}

test_table_has_effects_only if {
	every _, row in effects.table {
		count(row - effects.all) == 0
	}
}

test_uid_commands_do_what_the_others_do if {
	every name, row in effects.table {
		row == effects.table[trim_prefix(name, "UID ")]
	}
}
