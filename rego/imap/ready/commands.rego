package imap.ready

# METADATA
# title: "Rule commands: a list of commands"
# description: >-
#   No other command passes but CAPABILITY, NOOP and LOGOUT, which clients do not survive without. Settings: names, an array of
#   command names in upper case; UID commands are names of their own ("UID FETCH").
verdict("commands", settings) := "IMAP_REQ_ACCEPT" if {
	input.command.name in settings.names
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.name in {"CAPABILITY", "LOGOUT", "NOOP"}
}

else := ["IMAP_REQ_REJECT", concat("", [input.command.name, " is not for this account"])]
