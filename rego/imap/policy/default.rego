# METADATA
# title: Default policy
# description: >-
#   Allows an ordinary mail session; hides and refuses what the dataplane cannot follow. The decider uses it only where the
#   administrator supplies no package imap.policy.
package imap.policy

import data.imap.defaults

# METADATA
# title: Verdicts on commands
# description: Those of the default table.
request := defaults.request

# METADATA
# title: Verdicts on responses
# description: Those of the default table.
response := defaults.response

# METADATA
# title: Verdicts on capabilities
# description: Those of the default table.
capability := defaults.capability
