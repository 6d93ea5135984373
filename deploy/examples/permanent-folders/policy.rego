package imap.policy

import data.imap.defaults

# What the default policy says of commands, but for these rows.
request := object.union(defaults.request, {
	"DELETE": ["IMAP_REQ_REJECT", "folders here are permanent"],
	"SELECT": ["IMAP_REQ_POLICY", "select"],
})

# The archive is opened read-only, whoever asks.
functions["select"] := ["IMAP_REQ_REWRITE", "EXAMINE Archive"] if input.command.mailbox == "Archive"

functions["select"] := "IMAP_REQ_ACCEPT" if input.command.mailbox != "Archive"

response := object.union(defaults.response, {"GREETING": {"UNTAGGED": {"OK": [
	"IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome",
]}}})

capability := defaults.capability
