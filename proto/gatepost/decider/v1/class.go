package deciderv1

import "strings"

// classes are what commands are about, for metrics.
var classes = map[string]string{}

func init() {
	for class, commands := range map[string]string{
		"session": "CAPABILITY NOOP LOGOUT ID ENABLE IDLE DONE LANGUAGE COMPARATOR NOTIFY GETJMAPACCESS",
		"login":   "STARTTLS COMPRESS LOGIN AUTHENTICATE UNAUTHENTICATE",
		"mailbox": "SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB RLIST RLSUB XLIST STATUS NAMESPACE CLOSE " +
			"UNSELECT CHECK ESEARCH GETMETADATA SETMETADATA GETANNOTATION SETANNOTATION",
		"message": "FETCH STORE COPY MOVE EXPUNGE SEARCH SORT THREAD APPEND REPLACE CATENATE RESETKEY GENURLAUTH URLFETCH " +
			"CONVERT CONVERSIONS CANCELUPDATE UIDBATCHES",
		"rights": "GETACL SETACL DELETEACL LISTRIGHTS MYRIGHTS GETQUOTA GETQUOTAROOT SETQUOTA",
	} {
		for name := range strings.FieldsSeq(commands) {
			classes[name] = class
		}
	}
}

// CommandClass is the class of a command, for a metric's label, whose value must not come from a peer: session, login, mailbox,
// message or rights; other for a command that is not known, none for the empty name.
func CommandClass(command string) string {
	if command == "" {
		return "none"
	}
	if c, ok := classes[strings.TrimPrefix(command, "UID ")]; ok {
		return c
	}
	return "other"
}

// CommandLabel is a command's name, for a metric's label: other for one that is not known, none for the empty name.
func CommandLabel(command string) string {
	if c := CommandClass(command); c == "other" || c == "none" {
		return c
	}
	return command
}
