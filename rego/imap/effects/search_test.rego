package imap.effects_test

import data.imap.effects

test_search[note] if {
	some name in ["SEARCH", "UID SEARCH", "SORT", "UID SORT", "THREAD", "UID THREAD", "ESEARCH"]
	some words, tc in {
		"UNSEEN NOT FROM": {"search_keys": ["UNSEEN", "NOT", "FROM"], "want": {"reads_metadata"}},
		"1:5": {"want": {"reads_metadata"}},
		"BODY": {"search_keys": ["OR", "SEEN", "BODY"], "want": {"reads_metadata", "reads_content"}},
		"TEXT": {"search_keys": ["TEXT"], "want": {"reads_metadata", "reads_content"}},
		"HEADER": {"search_keys": ["HEADER"], "want": {"reads_metadata", "reads_content"}},
		"X-GM-RAW": {"search_keys": ["X-GM-RAW"], "want": {"reads_metadata", "reads_content"}},
		"FILTER": {"search_keys": ["FILTER"], "want": {"reads_metadata", "reads_content"}},
		"unknown": {"search_keys": ["X-NEW"], "want": {"reads_metadata", "reads_content"}},
		"RETURN (MIN COUNT)": {"items": ["MIN", "COUNT"], "want": {"reads_metadata"}},
		"RETURN (SAVE)": {"items": ["SAVE"], "want": {"reads_metadata", "stream"}},
		"RETURN (ALL UPDATE)": {"items": ["ALL", "UPDATE"], "want": {"reads_metadata", "stream"}},
		"RETURN (CONTEXT COUNT) TEXT": {
			"items": ["CONTEXT", "COUNT"], "search_keys": ["TEXT"],
			"want": {"reads_metadata", "reads_content", "stream"},
		},
	}
	note := concat(" ", [name, words])
	effects.command == tc.want with input.command as object.union(
		object.remove(tc, ["want"]),
		{"name": name, "known": true},
	)
}
