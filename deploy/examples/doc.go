// Package examples holds policies that are ready to use, each in a folder with its story, its policy, its data, its tests, and
// transcripts that show it at work. The tests of this package run them all: the Rego tests with their coverage, and the
// transcripts with the policy in a real decider, behind a real dataplane, between a client and a server that say what is written.
//
// A transcript is a txtar file in the form of the project's others (dataplane/internal/transcript), but that the policy
// decides:
//
//	What is shown, in a sentence.
//	-- config --
//	client: 192.0.2.7
//	-- session --
//	S: * OK ready
//	V: ACCEPT
//	>C =
//	C: a1 DELETE Archive
//	V: REJECT "folders here are permanent"
//	>C a1 NO [NOPERM] folders here are permanent
//
// Input lines: "C: text" and "S: text" are lines that the client and the server send; CRLF is added, or "..." in Go's quotes is sent
// as it is. "C." and "S.": that side closes. Behind an input line stands all that comes of it: "V:" the decisions, in order, with
// their texts, their code, and drop=NAME,... for capabilities; ">S" and ">C" octets to the server and to the client, "=" for
// those of the input line; "closed" when the client was let go. What stands behind "  #" is a remark.
//
// Settings: client, the client's address (192.0.2.1); connected, when it connects (now); client_tls: true, implicit TLS.
//
//	go test ./deploy/examples -update    # writes down what really comes out; read the difference
package examples
