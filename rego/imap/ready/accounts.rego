package imap.ready

import data.imap.account

# METADATA
# title: Rules by account
# description: >-
#   For a policy's rules: what data.imap.accounts chooses for who acts. Its everyone holds for every session; the rules of each of
#   its groups for who may be one of its users; its others for who is not surely in a group. Each is an object of settings by
#   rule; a group has it as rules, beside users. Data of another form choose a rule that there is not, which refuses every
#   command. Undefined if there are no such data.
by_account := {rules | some rules in _chosen} if data.imap.accounts

_chosen contains data.imap.accounts.everyone

_chosen contains group.rules if {
	some group in data.imap.accounts.groups
	account.may_be(group.users)
}

_chosen contains data.imap.accounts.others if {
	account.somebody
	not _in_a_group
}

_chosen contains {"of imap.accounts": {}} if not _well_formed

_well_formed if {
	accounts := data.imap.accounts
	every key, part in accounts {
		key in {"everyone", "groups", "others"}
		is_object(part)
	}
	every group in object.get(accounts, "groups", {}) {
		object.keys(group) == {"rules", "users"}
		is_object(group.rules)
		is_array(group.users)
		every user in group.users {
			is_string(user)
		}
	}
}

_in_a_group if {
	some group in data.imap.accounts.groups
	account.is(group.users)
}
