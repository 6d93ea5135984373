# METADATA
# scope: subpackages
# title: Gatepost's policy library
# description: >-
#   An administrator writes package imap.policy: the tables request, response and capability, and the functions that their
#   rows name. The packages beside it are the library: main answers the decider, lookup finds rows, defaults has tables to
#   start from, effects and mailbox are for use in policies. The schema given here holds for the administrator's rules too.
# schemas:
#   - input: schema.input
package imap
