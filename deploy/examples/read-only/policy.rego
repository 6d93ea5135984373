package imap.policy

import data.imap.ready

rules := {"read_only": {}}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
