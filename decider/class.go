package decider

import "strings"

// classes are what commands are about, for metrics: a label's value must not come from a peer.
var classes = map[string]string{}

func init() {
	for class, commands := range map[string]string{
		"session": "CAPABILITY NOOP LOGOUT ID ENABLE IDLE DONE LANGUAGE COMPARATOR NOTIFY",
		"login":   "STARTTLS COMPRESS LOGIN AUTHENTICATE UNAUTHENTICATE",
		"mailbox": "SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE LIST LSUB RLIST RLSUB XLIST STATUS NAMESPACE CLOSE " +
			"UNSELECT CHECK ESEARCH GETMETADATA SETMETADATA GETANNOTATION SETANNOTATION",
		"message": "FETCH STORE COPY MOVE EXPUNGE SEARCH SORT THREAD APPEND REPLACE CATENATE RESETKEY GENURLAUTH URLFETCH " +
			"CONVERT CONVERSIONS CANCELUPDATE",
		"rights": "GETACL SETACL DELETEACL LISTRIGHTS MYRIGHTS GETQUOTA GETQUOTAROOT SETQUOTA",
	} {
		for name := range strings.FieldsSeq(commands) {
			classes[name] = class
		}
	}
}

// class is the class of a command, "other" for one that is not known, "none" for the empty name.
func class(command string) string {
	if command == "" {
		return "none"
	}
	if c, ok := classes[strings.TrimPrefix(command, "UID ")]; ok {
		return c
	}
	return "other"
}

// label is a command's name, "other" for one that is not known, "none" for the empty name.
func label(command string) string {
	if c := class(command); c == "other" || c == "none" {
		return c
	}
	return command
}
