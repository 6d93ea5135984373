// Package verdict turns what policy returned, the document data.imap.main.decision, into a decision of the contract. Rego
// stays small by handing over rows as the administrator wrote them; here each is checked for its form, for a verdict that
// is allowed in its place, and for text that may be sent. What is wrong is a *Fault that names the row.
//
// A row is a bare verdict or the seed's tuple, as an array:
//
//	place       forms
//	request     ACCEPT  DROP  ABORT  REJECT  [REJECT, text]  [REJECT, text, code]
//	            [RESPOND, tagged line, [untagged line, ...]]  [REWRITE, command]  [POLICY, function]
//	response    ACCEPT  DROP  ABORT  REJECT  [REJECT, text]  [REWRITE, text]  [POLICY, function]
//	greeting    as response, and [REWRITE, verdict, text]; IMAP_REQ_ and IMAP_RSP_ names mean the same
//	capability  ACCEPT  DROP
//
// with the prefix IMAP_REQ_, IMAP_RSP_ or IMAP_CAP_ of the place. A bare verdict in an array of one is the same.
package verdict
