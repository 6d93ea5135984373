package imap.policy

import data.imap.ready

rules := {"agent": data.imap.agent}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
