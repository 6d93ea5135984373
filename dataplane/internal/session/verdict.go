package session

// String is the seed's name.
func (r Req) String() string {
	switch r {
	case ReqAccept:
		return "IMAP_REQ_ACCEPT"
	case ReqReject:
		return "IMAP_REQ_REJECT"
	case ReqDrop:
		return "IMAP_REQ_DROP"
	case ReqAbort:
		return "IMAP_REQ_ABORT"
	case ReqRespond:
		return "IMAP_REQ_RESPOND"
	case ReqRewrite:
		return "IMAP_REQ_REWRITE"
	}
	return "IMAP_REQ_UNSPECIFIED"
}

// String is the seed's name.
func (r Rsp) String() string {
	switch r {
	case RspAccept:
		return "IMAP_RSP_ACCEPT"
	case RspReject:
		return "IMAP_RSP_REJECT"
	case RspDrop:
		return "IMAP_RSP_DROP"
	case RspAbort:
		return "IMAP_RSP_ABORT"
	case RspRewrite:
		return "IMAP_RSP_REWRITE"
	case RspPolicy:
		return "IMAP_RSP_POLICY"
	}
	return "IMAP_RSP_UNSPECIFIED"
}

// String is the mode's name in the configuration.
func (f FailureMode) String() string {
	switch f {
	case FailAbort:
		return "abort"
	case FailAccept:
		return "accept"
	}
	return "reject"
}

var (
	accept = Row{Verdict: RspAccept}
	reject = Row{Verdict: RspReject}
)

// rowFor is the first row that fits a response. None: the response is denied.
func rowFor(rows []Row, tagged bool, name string) *Row {
	for i := range rows {
		r := &rows[i]
		if (r.Name == name || r.Name == "*") && (tagged && r.Tagged || !tagged && r.Untagged) {
			return r
		}
	}
	return &reject
}

// judge is the row for a response of p.
func (p *pending) judge(tagged bool, name string) *Row {
	if p.open {
		return &accept
	}
	if !tagged && p.last.ok && p.last.name == name {
		return p.last.row
	}
	row := rowFor(p.decision.Rows, tagged, name)
	if !tagged {
		p.last.name, p.last.row, p.last.ok = name, row, true
	}
	return row
}
