# METADATA
# title: Everything passes
# description: What the dataplane changes then, it changes by itself.
package imap.policy

request["*"] := "IMAP_REQ_ACCEPT"

response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"

capability["*"] := "IMAP_CAP_ACCEPT"
