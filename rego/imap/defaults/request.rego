# METADATA
# title: Default tables
# description: >-
#   Tables of an ordinary mail session, to be used as they are or as a start. They are written out, so that finding a row does
#   not depend on their size.
package imap.defaults

# METADATA
# title: Default request table
# description: >-
#   Accepts the commands that the dataplane can follow, but for those that reach for mailboxes that are not selected
#   (ESEARCH, NOTIFY) or change the user (UNAUTHENTICATE). It has no row for "*": an unknown command is denied.
request := {
	"APPEND": "IMAP_REQ_ACCEPT",
	"AUTHENTICATE": "IMAP_REQ_ACCEPT",
	"CANCELUPDATE": "IMAP_REQ_ACCEPT",
	"CAPABILITY": "IMAP_REQ_ACCEPT",
	"CHECK": "IMAP_REQ_ACCEPT",
	"CLOSE": "IMAP_REQ_ACCEPT",
	"COMPARATOR": "IMAP_REQ_ACCEPT",
	"COPY": "IMAP_REQ_ACCEPT",
	"CREATE": "IMAP_REQ_ACCEPT",
	"DELETE": "IMAP_REQ_ACCEPT",
	"DELETEACL": "IMAP_REQ_ACCEPT",
	"ENABLE": "IMAP_REQ_ACCEPT",
	"EXAMINE": "IMAP_REQ_ACCEPT",
	"EXPUNGE": "IMAP_REQ_ACCEPT",
	"FETCH": "IMAP_REQ_ACCEPT",
	"GETACL": "IMAP_REQ_ACCEPT",
	"GETMETADATA": "IMAP_REQ_ACCEPT",
	"GETQUOTA": "IMAP_REQ_ACCEPT",
	"GETQUOTAROOT": "IMAP_REQ_ACCEPT",
	"ID": "IMAP_REQ_ACCEPT",
	"IDLE": "IMAP_REQ_ACCEPT",
	"LANGUAGE": "IMAP_REQ_ACCEPT",
	"LIST": "IMAP_REQ_ACCEPT",
	"LISTRIGHTS": "IMAP_REQ_ACCEPT",
	"LOGIN": "IMAP_REQ_ACCEPT",
	"LOGOUT": "IMAP_REQ_ACCEPT",
	"LSUB": "IMAP_REQ_ACCEPT",
	"MOVE": "IMAP_REQ_ACCEPT",
	"MYRIGHTS": "IMAP_REQ_ACCEPT",
	"NAMESPACE": "IMAP_REQ_ACCEPT",
	"NOOP": "IMAP_REQ_ACCEPT",
	"RENAME": "IMAP_REQ_ACCEPT",
	"REPLACE": "IMAP_REQ_ACCEPT",
	"SEARCH": "IMAP_REQ_ACCEPT",
	"SELECT": "IMAP_REQ_ACCEPT",
	"SETACL": "IMAP_REQ_ACCEPT",
	"SETMETADATA": "IMAP_REQ_ACCEPT",
	"SETQUOTA": "IMAP_REQ_ACCEPT",
	"SORT": "IMAP_REQ_ACCEPT",
	"STARTTLS": "IMAP_REQ_ACCEPT",
	"STATUS": "IMAP_REQ_ACCEPT",
	"STORE": "IMAP_REQ_ACCEPT",
	"SUBSCRIBE": "IMAP_REQ_ACCEPT",
	"THREAD": "IMAP_REQ_ACCEPT",
	"UID COPY": "IMAP_REQ_ACCEPT",
	"UID EXPUNGE": "IMAP_REQ_ACCEPT",
	"UID FETCH": "IMAP_REQ_ACCEPT",
	"UID MOVE": "IMAP_REQ_ACCEPT",
	"UID REPLACE": "IMAP_REQ_ACCEPT",
	"UID SEARCH": "IMAP_REQ_ACCEPT",
	"UID SORT": "IMAP_REQ_ACCEPT",
	"UID STORE": "IMAP_REQ_ACCEPT",
	"UID THREAD": "IMAP_REQ_ACCEPT",
	"UIDBATCHES": "IMAP_REQ_ACCEPT",
	"UNSELECT": "IMAP_REQ_ACCEPT",
	"UNSUBSCRIBE": "IMAP_REQ_ACCEPT",
	"XLIST": "IMAP_REQ_ACCEPT",
}

# METADATA
# title: The default request table's verdict
# description: >-
#   What the default request table says of the command in input; IMAP_REQ_REJECT where it has no row. For a table of one's
#   own that leaves the rest to the default: request["*"] := ["IMAP_REQ_POLICY", "usual"] and
#   functions["usual"] := defaults.verdict.
# scope: document
default verdict := "IMAP_REQ_REJECT"

verdict := request[input.command.name]
