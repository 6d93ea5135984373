# METADATA
# title: Effects
# description: >-
#   What a command does, told from its name, its arguments and the session. A policy that grants effects holds for commands
#   that its author never heard of: whatever cannot be told has all effects.
package imap.effects

# METADATA
# title: All effects
# description: >-
#   reads_metadata tells of mailboxes or messages (names, flags, sizes, envelopes). reads_content reads messages, or tells if
#   they hold a text. adds adds messages or mailboxes. flags changes flags and other marks. destroys takes messages or
#   mailboxes away, or marks messages to be taken away. moves takes them elsewhere. rights changes who may do what, or the
#   rules and limits a mailbox is kept by. credentials logs in or out. stream changes how the session goes on: its grammar,
#   its language, its user, or what comes unasked.
all := {
	"adds",
	"credentials",
	"destroys",
	"flags",
	"moves",
	"reads_content",
	"reads_metadata",
	"rights",
	"stream",
}

# METADATA
# title: Effects of the command
# description: >-
#   The set of effects of the command in input; empty for one that only talks (NOOP). All effects for a command that is not
#   known, and for one with arguments that cannot be told. Undefined for an event without a command.
# scope: document
command := _by_arguments if {
	input.command.known == true
}

else := table[input.command.name] if {
	input.command.known == true
}

else := all if {
	input.command
}

# METADATA
# title: The command has no other effects
# description: >-
#   True if each effect of the command is among those given. The one condition that a least-privilege policy needs.
only(allowed) if {
	count(command - allowed) == 0
}
