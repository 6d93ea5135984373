package imap.ready_test

import data.imap.ready

office := {
	"zone": "Europe/Berlin",
	"days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
	"from": "08:00",
	"to": "18:00",
}

late := ["IMAP_REQ_REJECT", "come back in office hours"]

# When a session began, and what its LOGIN gets. In Berlin it is an hour later than in UTC, in summer two.
test_hours[begun] if {
	some begun, want in {
		"2026-11-23T06:59:59Z": late,
		"2026-11-23T07:00:00Z": accepted,
		"2026-11-23T16:59:59Z": accepted,
		"2026-11-23T17:00:00Z": late,
		"2026-11-22T12:00:00Z": late,
		"2026-07-06T06:30:00Z": accepted,
		"2026-07-06T16:30:00Z": late,
	}
	session := {"connected_ns": time.parse_rfc3339_ns(begun)}
	ready.verdict("hours", office) == want with input as event({"name": "LOGIN"}, session)
}

test_hours_not_known if {
	ready.verdict("hours", office) == late with input as event({"name": "LOGIN"}, {})
	ready.verdict("hours", {}) == late with input as event({"name": "LOGIN"}, {"connected_ns": 0})
}

test_after_hours[name] if {
	some name, want in {"LIST": late, "LOGOUT": accepted, "NOOP": accepted, "STARTTLS": accepted}
	ready.verdict("hours", office) == want with input as event({"name": name}, {"connected_ns": 0})
}
