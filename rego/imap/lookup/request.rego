# METADATA
# title: Table lookup
# description: >-
#   Finds the row of the policy's tables for the event in input, by keys and never by a walk, so that the size of a table
#   does not matter. A policy may write its tables as rules, as objects, or as data. The keys "*" and "ALL" stand in
#   variables, since a constant would be a type error with a policy whose table does not have it.
package imap.lookup

# METADATA
# title: Row of a command
# description: >-
#   The place and the value of the request table's row for the command: under its name, else under "*". A command that needs
#   a hidden capability is rejected, whatever its row says. The place is empty, and there is no value, if no row is found.
# scope: document
request := [["capability", hidden[0]], ["IMAP_REQ_REJECT", concat(" ", [hidden[0], "is not available"])]] if {
	groups := needs
	hidden := [group[0] |
		some group in groups
		not _any_shown(group)
	]
}

else := [["request", input.command.name], value] if {
	value := data.imap.policy.request[input.command.name]
}

else := [["request", star], value] if {
	input.command.name
	star := "*"
	value := data.imap.policy.request[star]
}

else := [[]] if {
	input.command.name
}

_any_shown(names) if {
	some name in names
	capability(name).value in {"IMAP_CAP_ACCEPT", ["IMAP_CAP_ACCEPT"]}
}
