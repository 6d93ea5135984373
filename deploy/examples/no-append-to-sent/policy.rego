package imap.policy

import data.imap.ready

rules := {"sent": data.imap.sent}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
