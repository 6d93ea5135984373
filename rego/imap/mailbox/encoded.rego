package imap.mailbox

# METADATA
# title: Name in modified UTF-7
# description: >-
#   A name as it is sent (RFC 3501 section 5.1.3), and as the arguments of responses have it: "Entwürfe" is "Entw&APw-rfe".
encoded(name) := concat("", [_sent(run) | some run in regex.find_n(`[ -~]+|[^ -~]+`, name, -1)])

_sent(run) := replace(run, "&", "&-") if regex.match(`^[ -~]`, run)

else := concat("", ["&", replace(trim_right(base64.encode(hex.decode(units)), "="), "/", ","), "-"]) if {
	units := concat("", [_utf16(_point(character)) | some character in split(run, "")])
}

_utf16(point) := sprintf("%04x", [point]) if point < 65536

# RFC 2781 section 2.1.
else := sprintf("%04x%04x", [55296 + floor(rest / 1024), 56320 + (rest % 1024)]) if {
	rest := point - 65536
}

# RFC 3629 section 3: of the first octet the bits that the length leaves, of the others six each.
_point(character) := sum([bits |
	digits := split(hex.encode(character), "")
	n := floor(count(digits) / 2)
	some i in numbers.range(0, n - 1)
	octet := (16 * _digit[digits[2 * i]]) + _digit[digits[(2 * i) + 1]]
	bits := (octet - _marks[n][i]) * _weight[(n - i) - 1]
])

_weight := [1, 64, 4096, 262144]

_marks := {1: [0], 2: [192, 128], 3: [224, 128, 128], 4: [240, 128, 128, 128]}

_digit[digit] := n if some n, digit in split("0123456789abcdef", "")

# METADATA
# title: Name as an argument
# description: >-
#   A name as a quoted string for the text of an IMAP_REQ_REWRITE: "Entw&APw-rfe". Undefined for a name beyond US-ASCII once the
#   session speaks UTF-8 (RFC 6855, RFC 9051), since a rewritten command cannot.
# scope: document
quoted(name) := _quoted(encoded(name)) if not _in_utf8

quoted(name) := _quoted(name) if {
	_in_utf8
	regex.match(`^[ -~]*$`, name)
}

_quoted(text) := concat("", [`"`, replace(replace(text, `\`, `\\`), `"`, `\"`), `"`])

_in_utf8 if {
	some name in input.session.enabled
	name in {"IMAP4REV2", "UTF8=ACCEPT"}
}
