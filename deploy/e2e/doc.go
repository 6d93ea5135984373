// Package e2e tests Gatepost as a whole: real mail clients, the dataplane, the decider and a real Dovecot, with a recorder on
// each leg.
//
//	client -- recorder A -- dataplane -- recorder B -- Dovecot
//	                            |
//	                         decider
//
// Dovecot is Debian's (package dovecot-imapd), started once for the test binary, as root, from a configuration and with
// mailboxes of its own. So is Cyrus, for TestTransparency, which .ci/cyrus unpacks beside it. A test whose server or client is not installed is skipped by the package's name; with
// GATEPOST_NO_SKIP=1, as in CI, it fails.
//
// Whatever a test is about, when it ends it has shown of its sessions that
//
//   - both legs hold the same octets, but for what relayed (relayed_test.go) lists; a test whose policy or whose faults change
//     more says so in its setup;
//   - each command on the server's leg was judged, with a verdict that lets it pass, and none passed twice;
//   - each decision is in the decision log once, and each reuse of one is there, by an id of its own or counted;
//   - no log, no question and no record holds the password, in clear or in base64.
//
// Where STARTTLS hides a session from the recorders, the first two are not looked at.
package e2e
