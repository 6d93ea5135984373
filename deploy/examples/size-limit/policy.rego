package imap.policy

import data.imap.ready

rules := {"size": data.imap.size}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
