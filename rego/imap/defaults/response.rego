package imap.defaults

# METADATA
# title: Default response table
# description: >-
#   Accepts every response. UNSOLICITED stands apart although "*" would do: a response that no command asked for is a case
#   of its own to whoever changes the table.
response := {
	"UNSOLICITED": {"UNTAGGED": {"*": "IMAP_RSP_ACCEPT"}},
	"*": {"*": {"*": "IMAP_RSP_ACCEPT"}},
}
