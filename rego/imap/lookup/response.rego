package imap.lookup

# METADATA
# title: Row of a response
# description: >-
#   The place and the value of the response table's row for a greeting, an untagged or a tagged response. The name is relaxed
#   first, then the tag, then the command, so that the command dominates. "ALL" in the place of the tag is "*"; a table with
#   both in one place is a conflict. The place is empty, and there is no value, if no row is found.
response := _relaxed if {
	input.response.command
	input.response.type
	input.response.name
}

_relaxed := found if {
	found := _row(input.response.command, [input.response.type], input.response.name)
}

else := found if {
	found := _row(input.response.command, [input.response.type], "*")
}

else := found if {
	found := _row(input.response.command, ["ALL", "*"], input.response.name)
}

else := found if {
	found := _row(input.response.command, ["ALL", "*"], "*")
}

else := found if {
	found := _row("*", [input.response.type], input.response.name)
}

else := found if {
	found := _row("*", [input.response.type], "*")
}

else := found if {
	found := _row("*", ["ALL", "*"], input.response.name)
}

else := found if {
	found := _row("*", ["ALL", "*"], "*")
}

else := [[]]

_row(command, tags, name) := [["response", command, tag, name], value] if {
	some tag in tags
	value := data.imap.policy.response[command][tag][name]
}

# METADATA
# title: Rows for the responses of a command
# description: >-
#   The parts of the response table that can decide on a response of the command: its own rows, and those for any command.
#   A part that the table does not have is absent.
rows(command) := {part: table |
	some part, key in {"own": command, "any": "*"}
	table := data.imap.policy.response[key]
}
