# The policy of this service. As it is, it is the library's default: what cannot be understood, or leads out of sight, is refused, and all
# else passes. Rows are added to the tables: see /usr/share/doc/gatepost-decider.
package imap.policy

import data.imap.defaults

# Commands of clients: "DELETE": ["IMAP_REQ_REJECT", "folders here are permanent"].
request := object.union(defaults.request, {})

# Responses of the server, by command, type and name.
response := object.union(defaults.response, {})

# Capabilities that clients are told of: "QUOTA": "IMAP_CAP_DROP".
capability := object.union(defaults.capability, {})
