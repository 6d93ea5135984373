# METADATA
# title: Every verdict
# description: What TestPolicy sees on the wire. Its first two rows are the examples of Zorp's guide.
package imap.policy

import data.imap.defaults

request.CAPABILITY := ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]

response.GREETING.UNTAGGED.OK := ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to the example IMAP proxy"]

request.DELETE := ["IMAP_REQ_REJECT", "folders here are permanent"]

request.CREATE := ["IMAP_REQ_REJECT", "no more folders", "OVERQUOTA"]

request.SELECT := ["IMAP_REQ_POLICY", "select"]

request.SUBSCRIBE := "IMAP_REQ_DROP"

request.EXPUNGE := "IMAP_REQ_ABORT"

request["*"] := defaults.verdict

default functions.select := "IMAP_REQ_ACCEPT"

functions.select := ["IMAP_REQ_REWRITE", "EXAMINE INBOX"] if startswith(input.session.user, "reader-")

response.STATUS.UNTAGGED.STATUS := "IMAP_RSP_DROP"

response.CHECK.TAGGED.OK := ["IMAP_RSP_REWRITE", "checked"]

response.LIST.UNTAGGED.LIST := ["IMAP_RSP_POLICY", "list"]

response.SEARCH.UNTAGGED.SEARCH := ["IMAP_RSP_REJECT", "nothing to be found here"]

response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"

default functions.list := "IMAP_RSP_ACCEPT"

functions.list := "IMAP_RSP_DROP" if input.response.args[2] == "Secret"

capability := object.remove(defaults.capability, ["IDLE"])

reason := "legal hold 17/2026" if input.command.name == "DELETE"
