package imap.ready

import data.imap.effects

# METADATA
# title: "Rule network: from these networks"
# description: >-
#   From elsewhere, and over a unix socket, only what is neither a login nor touches mail passes (NOOP, LOGOUT, STARTTLS).
#   Settings: networks, an array of networks ("192.0.2.0/24", "2001:db8::/32").
verdict("network", settings) := "IMAP_REQ_ACCEPT" if {
	some network in settings.networks
	net.cidr_contains(network, input.session.client.address)
}

else := "IMAP_REQ_ACCEPT" if {
	effects.only({"stream"})
}

else := ["IMAP_REQ_REJECT", "not from this network"]
