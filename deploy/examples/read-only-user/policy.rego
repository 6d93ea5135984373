package imap.policy

import data.imap.ready

# imap/accounts/data.yaml says who.
rules := ready.by_account

request := ready.request

functions["ready"] := ready.command

response := ready.response

capability := ready.capability
