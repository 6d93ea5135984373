package imap.effects

# RFC 9051 section 6.4.4, RFC 5256, RFC 7377. To search for a text is to read it, bit by bit.
_by_arguments := ({"reads_metadata"} | _searched) | _kept if {
	input.command.name in {
		"ESEARCH",
		"SEARCH",
		"SORT",
		"THREAD",
		"UID SEARCH",
		"UID SORT",
		"UID THREAD",
	}
}

# Keys that are not told here may look at content.
_searched := set() if {
	keys := {key | some key in input.command.search_keys} - _metadata_keys
	count(keys) == 0
}

else := {"reads_content"}

_metadata_keys := {
	"ALL",
	"ANSWERED",
	"BCC",
	"BEFORE",
	"CC",
	"DELETED",
	"DRAFT",
	"EMAILID",
	"FLAGGED",
	"FROM",
	"KEYWORD",
	"LARGER",
	"MODSEQ",
	"NEW",
	"NOT",
	"OLD",
	"OLDER",
	"ON",
	"OR",
	"RECENT",
	"SAVEDATESUPPORTED",
	"SAVEDBEFORE",
	"SAVEDON",
	"SAVEDSINCE",
	"SEEN",
	"SENTBEFORE",
	"SENTON",
	"SENTSINCE",
	"SINCE",
	"SMALLER",
	"SUBJECT",
	"THREADID",
	"TO",
	"UID",
	"UNANSWERED",
	"UNDELETED",
	"UNDRAFT",
	"UNFLAGGED",
	"UNKEYWORD",
	"UNSEEN",
	"X-GM-LABELS",
	"X-GM-MSGID",
	"X-GM-THRID",
	"YOUNGER",
}

# The server keeps the result for "$" (RFC 5182), or tells of later changes to it (RFC 5267).
_kept := {"stream"} if {
	some option in input.command.items
	option in {"CONTEXT", "SAVE", "UPDATE"}
}

else := set()
