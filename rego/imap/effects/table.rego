package imap.effects

# METADATA
# title: Effects by name
# description: >-
#   The effects of commands whose arguments do not matter to them. A command with neither a row here nor a reading of its
#   arguments has all effects.
table := {
	"CANCELUPDATE": {"stream"},
	"CAPABILITY": set(),
	"CHECK": set(),
	"COMPARATOR": {"stream"},
	"COMPRESS": {"stream"},
	"CONVERSIONS": {"reads_metadata"},
	"CONVERT": {"flags", "reads_content"},
	"COPY": {"adds"},
	"CREATE": {"adds"},
	"DELETE": {"destroys"},
	"DELETEACL": {"rights"},
	"ENABLE": {"stream"},
	"EXAMINE": {"reads_metadata"},
	"EXPUNGE": {"destroys"},
	"GENURLAUTH": {"rights"},
	"GETACL": {"reads_metadata"},
	"GETJMAPACCESS": {"reads_metadata"},
	"GETMETADATA": {"reads_metadata"},
	"GETQUOTA": {"reads_metadata"},
	"GETQUOTAROOT": {"reads_metadata"},
	"ID": set(),
	"IDLE": {"reads_metadata"},
	"LANGUAGE": {"stream"},
	"LIST": {"reads_metadata"},
	"LISTRIGHTS": {"reads_metadata"},
	"LOGOUT": set(),
	"LSUB": {"reads_metadata"},
	# The source loses the messages.
	"MOVE": {"adds", "destroys", "moves"},
	"MYRIGHTS": {"reads_metadata"},
	"NAMESPACE": {"reads_metadata"},
	"NOOP": set(),
	# RFC 5465 section 5: it may ask for the content of new messages, of any mailbox.
	"NOTIFY": {"reads_content", "reads_metadata", "stream"},
	"RESETKEY": {"rights"},
	"RLIST": {"reads_metadata"},
	"RLSUB": {"reads_metadata"},
	# That it takes away \Recent from other sessions is not counted: every reader does.
	"SELECT": {"reads_metadata"},
	"SETACL": {"rights"},
	# Some servers keep a mailbox's expiry there.
	"SETMETADATA": {"rights"},
	"SETQUOTA": {"rights"},
	"STARTTLS": {"stream"},
	"STATUS": {"reads_metadata"},
	# A subscription is a mark on a mailbox.
	"SUBSCRIBE": {"flags"},
	"UID CONVERT": {"flags", "reads_content"},
	"UID COPY": {"adds"},
	"UID EXPUNGE": {"destroys"},
	"UID MOVE": {"adds", "destroys", "moves"},
	"UIDBATCHES": {"reads_metadata"},
	"UNAUTHENTICATE": {"credentials", "stream"},
	"UNSELECT": set(),
	"UNSUBSCRIBE": {"flags"},
	# The URL names a message of any mailbox.
	"URLFETCH": {"reads_content"},
	"XLIST": {"reads_metadata"},
}
