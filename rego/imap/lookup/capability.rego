package imap.lookup

# METADATA
# title: Verdict on a capability
# description: >-
#   The row of the capability table for a name in upper case: under the name; for one with a value under its part up to
#   and including "=" ("AUTH=", "RIGHTS="); else under "*"; else none, which drops it.
# scope: document
capability(name) := found if {
	found := _capability(name, name)
}

else := found if {
	family := regex.find_n(`^[^=]+=`, name, 1)[0]
	found := _capability(name, family)
}

else := found if {
	found := _capability(name, "*")
}

else := {"name": name}

_capability(name, key) := {"name": name, "row": ["capability", key], "value": data.imap.policy.capability[key]}

# METADATA
# title: Verdicts on a capability list
# description: A verdict for each capability of the response, in the order of the list. Undefined if it has no list.
capabilities := [capability(name) | some name in names] if {
	names := input.response.capabilities
	count(names) > 0
}
