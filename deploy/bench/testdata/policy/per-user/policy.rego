# What an account may do is in a table, looked up by its name.
package imap.policy

import data.imap.defaults

request["*"] := ["IMAP_REQ_POLICY", "by_account"]

account := input.session.user

account := input.command.user if not input.session.user

default functions["by_account"] := ["IMAP_REQ_REJECT", "not for this account"]

functions["by_account"] := defaults.verdict if not input.command.name in data.imap.policy.accounts[account].denied

response := defaults.response

capability := defaults.capability
