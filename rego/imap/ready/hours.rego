package imap.ready

import data.imap.effects

# METADATA
# title: "Rule hours: in office hours"
# description: >-
#   For sessions that begin in office hours; one may last longer. In others only what is neither a login nor touches mail passes.
#   Settings: zone, a time zone ("Europe/Berlin"); days, an array of names ("Monday"); from and to, times of day ("08:00"), the
#   first before the second.
verdict("hours", settings) := "IMAP_REQ_ACCEPT" if {
	begun := [input.session.connected_ns, settings.zone]
	time.weekday(begun) in settings.days
	[hour, minute, _] := time.clock(begun)
	at := sprintf("%02d:%02d", [hour, minute])
	settings.from <= at
	at < settings.to
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"stream"})
}

else := ["IMAP_REQ_REJECT", "come back in office hours"]
