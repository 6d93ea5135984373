# METADATA
# title: The decision
# description: >-
#   What the decider asks, once for each event. Rows are passed on as the policy wrote them; the decider checks their shape.
#   Whatever is undefined, here or in a policy, ends the session.
package imap.main

import data.imap.lookup

# METADATA
# title: Decision
# description: >-
#   The decision on the event in input. row, value and rule are the row that decided, what it says, and the function that it
#   called; with rule and no value the function is undefined, and an empty row denies. responses are the rows for the
#   responses of a command, or for unsolicited ones. capabilities are verdicts in the order of the response's list.
#   imap_state_old, imap_state_new and reason are there where the policy sets them, and so are lease, for how many seconds an
#   equal question may be answered without asking, and no_store, that none may. Undefined for anything but an event.
# scope: document
# entrypoint: true
decision := object.union(_answer, {name: value |
	some name in ["imap_state_old", "imap_state_new", "reason", "lease", "no_store"]
	value := data.imap.policy[name]
}) if {
	_sets
}

else := _answer if {
	lookup.needs
}

else := _answer if {
	_ := data.imap.policy.response[input.command.name]
}

# What is left of commands is mostly a bare row. This says what _answer would, in less time.
else := {"row": ["request", name], "value": value, "responses": {"any": any}} if {
	input.kind == "command"
	name := input.command.name
	value := data.imap.policy.request[name]
	is_string(value)
	star := "*"
	any := data.imap.policy.response[star]
}

else := _answer

# Few policies set any: to look first is cheaper than to collect nothing.
_sets if _ := data.imap.policy.imap_state_old

_sets if _ := data.imap.policy.imap_state_new

_sets if _ := data.imap.policy.reason

_sets if _ := data.imap.policy.lease

_sets if _ := data.imap.policy.no_store

_answer := {"row": row, "value": value, "responses": lookup.rows(input.command.name)} if {
	input.kind == "command"
	[row, value] = lookup.request
	is_string(value)
}

else := {"row": row, "rule": rule, "value": value, "responses": lookup.rows(input.command.name)} if {
	input.kind == "command"
	[row, ["IMAP_REQ_POLICY", rule]] = lookup.request
	value := data.imap.policy.functions[rule]
}

else := _outcome(lookup.request, {"IMAP_REQ_POLICY"}, {"responses": lookup.rows(input.command.name)}) if {
	input.kind == "command"
}

# The seed writes the greeting's row with the verdicts on requests.
_answer := _outcome(lookup.response, {"IMAP_REQ_POLICY", "IMAP_RSP_POLICY"}, _beside_response) if {
	input.kind == "greeting"
}

_answer := _outcome(lookup.response, {"IMAP_RSP_POLICY"}, _beside_response) if {
	input.kind in {"tagged", "untagged"}
}

_beside_response["responses"] := lookup.rows("UNSOLICITED") if input.response.command == "UNSOLICITED"

_beside_response["capabilities"] := lookup.capabilities

# found is the place and value of a row, policy has the verdicts that call a function.
_outcome(found, policy, beside) := object.union(
	{"row": found[0], "rule": function, "value": data.imap.policy.functions[function]},
	beside,
) if {
	[verdict, function] = found[1]
	verdict in policy
}

# The function is undefined.
else := object.union({"row": found[0], "rule": function}, beside) if {
	[verdict, function] = found[1]
	verdict in policy
}

else := object.union({"row": found[0], "value": found[1]}, beside) if {
	count(found) == 2
}

# No row.
else := object.union({"row": []}, beside)
