// Package policytest tests a policy: it runs the Rego tests in its directory, and plays its transcripts with the policy that the
// directory is. The program gatepost-dataplane plays them, for it has the session machine; here is no IMAP.
package policytest
