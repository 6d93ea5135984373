// Package e2e tests Gatepost as a whole: real mail clients, the dataplane, the decider and a real Dovecot, with a recorder on
// each leg.
//
//	client -- recorder A -- dataplane -- recorder B -- Dovecot
//	                            |
//	                         decider
//
// Dovecot is Debian's (package dovecot-imapd), started once for the test binary, as root, from a configuration and with
// mailboxes of its own. A test whose server or client is not installed is skipped by the package's name; with
// GATEPOST_NO_SKIP=1, as in CI, it fails.
//
// What is shown of a session, whatever its test is about, when the test ends:
//
//   - both legs hold the same octets, but for what relayed (relayed_test.go) lists: that list is all that the proxy changes;
//   - each command on the server's leg was judged, with a verdict that lets it pass, and none passed twice;
//   - no log and no record of a decision holds the password, in clear or in base64.
package e2e
