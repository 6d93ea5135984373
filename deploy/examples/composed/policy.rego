package imap.policy

import data.imap.ready

# imap/accounts/data.yaml chooses.
rules := ready.by_account

request := ready.request

functions["ready"] := ready.command

functions["listed"] := ready.listed

response := ready.response

capability := ready.capability
