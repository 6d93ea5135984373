# Everything passes.
package imap.policy

request["*"] := "IMAP_REQ_ACCEPT"

response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"

capability["*"] := "IMAP_CAP_ACCEPT"
