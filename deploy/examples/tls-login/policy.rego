package imap.policy

import data.imap.ready

rules := {"tls": {}}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
