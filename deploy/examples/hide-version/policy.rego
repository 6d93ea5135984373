package imap.policy

import data.imap.ready

rules := {"quiet": data.imap.quiet}

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
