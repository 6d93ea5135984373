package syntax

import (
	"bytes"

	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// isDateTime reports whether b is a date-time without its quotes: " 7-Feb-1994 21:52:25 -0800".
func isDateTime(b []byte) bool {
	day, rest, ok := bytes.Cut(b, []byte("-"))
	if !ok || len(day) != 2 || !isDigits(day[1:]) || day[0] != ' ' && !isDigits(day[:1]) {
		return false
	}
	monthYear, rest, _ := bytes.Cut(rest, []byte(" "))
	time, zone, _ := bytes.Cut(rest, []byte(" "))
	return isMonthYear(monthYear) &&
		len(time) == 8 && isDigits(time[:2]) && time[2] == ':' && isDigits(time[3:5]) && time[5] == ':' && isDigits(time[6:]) &&
		len(zone) == 5 && (zone[0] == '+' || zone[0] == '-') && isDigits(zone[1:])
}

// isDate reports whether b is a date-text: "1-Feb-1994".
func isDate(b []byte) bool {
	day, monthYear, _ := bytes.Cut(b, []byte("-"))
	return len(day) <= 2 && isDigits(day) && isMonthYear(monthYear)
}

// isMonthYear reports whether b is a date-month and a date-year: "Feb-1994".
func isMonthYear(b []byte) bool {
	return len(b) == 8 && b[3] == '-' && isDigits(b[4:]) && isMonth(b[:3])
}

func isMonth(b []byte) bool {
	const months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
	for i := 0; i < len(months); i += 3 {
		if wire.EqualFold(b, months[i:i+3]) {
			return true
		}
	}
	return false
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || '9' < c {
			return false
		}
	}
	return len(b) > 0
}

// date reads a date, quoted or not.
func (p *parser) date() {
	offset := p.offset()
	var text []byte
	if p.nextIs(wire.Quoted) {
		text = p.quoted("a date")
	} else {
		text, _ = p.atomText("a date")
	}
	if !isDate(text) {
		p.failAt(offset, "a date")
	}
}
