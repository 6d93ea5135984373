package imap.ready

import data.imap.effects

# METADATA
# title: "Rule moved: messages leave a mailbox by MOVE alone"
# description: >-
#   Whatever destroys is refused but for MOVE, with which the server itself removes only what it has copied (RFC 6851 section
#   3.3). CLOSE is sent as UNSELECT. No settings.
verdict("moved", _) := _unselect if {
	input.command.name == "CLOSE"
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only(effects.all - {"destroys"})
}

else := "IMAP_REQ_ACCEPT" if {
	input.command.known == true
	input.command.name in {"MOVE", "UID MOVE"}
}

else := ["IMAP_REQ_REJECT", "messages leave a mailbox by MOVE alone"]
