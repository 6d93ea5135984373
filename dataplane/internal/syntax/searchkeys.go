package syntax

// searchKeys are the search keys that have a name: of RFC 9051 section 6.4.4 and RFC 3501 section 6.4.4 (NEW, OLD, RECENT), then of
// extensions.
var searchKeys = vocabularyOf(
	term{"ALL", nil},
	term{"ANSWERED", nil},
	term{"BCC", (*parser).searchText},
	term{"BEFORE", (*parser).date},
	term{"BODY", (*parser).searchText},
	term{"CC", (*parser).searchText},
	term{"DELETED", nil},
	term{"DRAFT", nil},
	term{"FLAGGED", nil},
	term{"FROM", (*parser).searchText},
	term{"HEADER", (*parser).searchHeader},
	term{"KEYWORD", (*parser).searchKeyword},
	term{"LARGER", (*parser).number64},
	term{"NEW", nil},
	term{"NOT", nil}, // and a key
	term{"OLD", nil},
	term{"ON", (*parser).date},
	term{"OR", nil}, // and two keys
	term{"RECENT", nil},
	term{"SEEN", nil},
	term{"SENTBEFORE", (*parser).date},
	term{"SENTON", (*parser).date},
	term{"SENTSINCE", (*parser).date},
	term{"SINCE", (*parser).date},
	term{"SMALLER", (*parser).number64},
	term{"SUBJECT", (*parser).searchText},
	term{"TEXT", (*parser).searchText},
	term{"TO", (*parser).searchText},
	term{"UID", (*parser).searchUIDs},
	term{"UNANSWERED", nil},
	term{"UNDELETED", nil},
	term{"UNDRAFT", nil},
	term{"UNFLAGGED", nil},
	term{"UNKEYWORD", (*parser).searchKeyword},
	term{"UNSEEN", nil},

	term{"EMAILID", (*parser).objectID},    // RFC 8474
	term{"FILTER", (*parser).filterName},   // RFC 5466
	term{"FUZZY", nil},                     // RFC 6203, and a key
	term{"MODSEQ", (*parser).searchModSeq}, // RFC 7162
	term{"OLDER", (*parser).nzNumber},      // RFC 5032
	term{"SAVEDATESUPPORTED", nil},         // RFC 8514
	term{"SAVEDBEFORE", (*parser).date},    // RFC 8514
	term{"SAVEDON", (*parser).date},        // RFC 8514
	term{"SAVEDSINCE", (*parser).date},     // RFC 8514
	term{"THREADID", (*parser).objectID},   // RFC 8474
	term{"X-GM-LABELS", (*parser).searchText},
	term{"X-GM-MSGID", (*parser).nzNumber64},
	term{"X-GM-RAW", (*parser).searchText},
	term{"X-GM-THRID", (*parser).nzNumber64},
	term{"YOUNGER", (*parser).nzNumber}, // RFC 5032
)
