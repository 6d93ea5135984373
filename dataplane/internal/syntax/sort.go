package syntax

// sort reads SORT's arguments (RFC 5256 section 3, RFC 5267 section 3.1 for RETURN).
func (p *parser) sort() {
	p.searchReturn()
	p.list1("a list of sort criteria", (*parser).sortCriterion)
	p.charset()
	p.items1((*parser).searchKey)
}

func (p *parser) sortCriterion() {
	p.word("REVERSE")
	p.term(sortKeys, "a sort key")
}

// sortKeys are of RFC 5256 section 3, RFC 5957 and RFC 6203.
var sortKeys = vocabularyOf(
	term{"ARRIVAL", nil},
	term{"CC", nil},
	term{"DATE", nil},
	term{"FROM", nil},
	term{"SIZE", nil},
	term{"SUBJECT", nil},
	term{"TO", nil},
	term{"DISPLAYFROM", nil},
	term{"DISPLAYTO", nil},
	term{"RELEVANCY", nil},
)

// thread reads THREAD's arguments (RFC 5256 section 3).
func (p *parser) thread() {
	p.atom("a threading algorithm")
	p.charset()
	p.items1((*parser).searchKey)
}
