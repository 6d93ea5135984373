# METADATA
# title: Ready rules
# description: >-
#   Rules for common wishes. A policy chooses among them by data.imap.policy.rules: an object of settings by the rule's name, or
#   an array or set of such objects, all of which hold; anything else refuses every command. Each rule only takes away from what the default tables allow, so that
#   any of them stand together. The policy takes its tables from here, and its functions "ready" and "listed".
package imap.ready

import data.imap.defaults

_held := _pairs(data.imap.policy.rules)

# What is malformed is held as well, as a rule that there is not. Arguments of functions have any type, where the compiler would refuse
# this file for the policy's mistake.
_pairs(rules) := {[name, settings] | some name, settings in rules} if is_object(rules)

else := {pair | some each in rules; some pair in _pairs_of(each)} if {
	true in {is_array(rules), is_set(rules)}
}

else := {[json.marshal(rules), {}]}

_pairs_of(each) := {[name, settings] | some name, settings in each} if is_object(each)

else := {[json.marshal(each), {}]}

# METADATA
# title: Request table of the rules
# description: Calls the function "ready" for every command.
request := {"*": ["IMAP_REQ_POLICY", "ready"]}

# METADATA
# title: What the rules say of the command
# description: >-
#   The strictest of the verdicts of all rules and of the default table, for the policy's function "ready". A rule that does not
#   decide, for there is none of its name or its settings are not those it needs, rejects. Undefined if the policy has no
#   rules.
command := "IMAP_REQ_ACCEPT" if {
	{verdict | some verdict in _verdicts} == {"IMAP_REQ_ACCEPT"}
}

else := strictest(_verdicts)

_verdicts := array.concat(held, [defaults.verdict]) if {
	_ := data.imap.policy.rules
	held := [_verdict(name, settings) | some [name, settings] in _held]
}

# METADATA
# title: What each rule says of the command
# description: >-
#   For explanations: an object for each rule that the policy chose, with its name as rule, its settings, and its verdict; and one of
#   rule "default table". The strictest of the verdicts is the command's.
verdicts := array.concat(
	[{"rule": name, "settings": settings, "verdict": _verdict(name, settings)} | some [name, settings] in _held],
	[{"rule": "default table", "verdict": defaults.verdict}],
)

_verdict(name, settings) := found if {
	found := verdict(name, settings)
}

else := ["IMAP_REQ_REJECT", sprintf("the rule %v does not decide", [json.marshal(name)])]

# METADATA
# title: The strictest verdict
# description: >-
#   Of verdicts on a command the one that lets the least through: ABORT, DROP, REJECT, RESPOND, REWRITE, ACCEPT; of several such
#   the first. Undefined for none, and where one is malformed.
strictest(verdicts) := [verdict |
	some name in _strict_first
	some verdict in verdicts
	_name(verdict) == name
][0] if {
	every verdict in verdicts {
		_name(verdict) in _strict_first
	}
}

_strict_first := [
	"IMAP_REQ_ABORT",
	"IMAP_REQ_DROP",
	"IMAP_REQ_REJECT",
	"IMAP_REQ_RESPOND",
	"IMAP_REQ_REWRITE",
	"IMAP_REQ_ACCEPT",
]

_name(verdict) := verdict if is_string(verdict)

else := verdict[0]

# METADATA
# title: Response table of the rules
# description: The default table, with the rows of those rules that have some.
response := object.union_n(array.concat(
	[defaults.response],
	[rows(name, settings) | some [name, settings] in _held],
))

# METADATA
# title: Capability table of the rules
# description: The default table, without what one of the rules hides.
capability := object.remove(defaults.capability, {hidden |
	some [name, settings] in _held
	some hidden in hides(name, settings)
})
