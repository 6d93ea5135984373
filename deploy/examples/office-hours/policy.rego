package imap.policy

import data.imap.ready

rules := data.imap.office

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
