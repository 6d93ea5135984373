// Package dataplane is Gatepost's policy enforcement point: it stands between IMAP clients and servers, asks the decider about
// every greeting, command and response, and obeys. It knows IMAP and no policy.
//
// What holds whatever policy says: no octet of a command reaches the server without a verdict that lets it; what is forwarded is
// exactly what was parsed; a stream that cannot be read (COMPRESS, an unknown extension) is not entered; the state of a session
// moves on the server's word only; passwords and SASL data leave the dataplane towards the server and nowhere else; everything
// that is held is bounded.
//
// How it fails:
//
//	the decider gives no answer           the listener's failure mode: NO [UNAVAILABLE] (default), BYE, or all passes
//	reuses cannot be recorded             the question is asked; with on_full: drop, not recorded, but counted and logged
//	the answer breaks the contract        BYE: a policy error
//	the client breaks the protocol        BAD; BYE where the stream cannot be framed any more
//	the server breaks the protocol        BYE; what it said does not reach the client
//	the server cannot be reached          BYE [UNAVAILABLE]; so too where its TLS or its certificate is not good
//	there are too many sessions           BYE [UNAVAILABLE]; under implicit TLS nothing, before the handshake
//	a PROXY header is missing, malformed  nothing; the connection is closed
//	a PROXY header comes from a stranger  BYE, for it is no IMAP
//	the server is this dataplane itself   BYE [UNAVAILABLE]; its address is not tried again for a second
//
// Each is an event of its own name, see Event.
//
// # Reuse
//
// The decider says of a decision what it depended on: the command's name alone, or the user, the mailbox, and so on. The dataplane answers
// a question that is equal in all of that by itself, for as long as the decider allowed (5 s by default), and by no decision of a policy
// that is no longer in force: when a replica of the decider announces another, everything that was kept is forgotten; while replicas
// differ, everything is asked. Asked each time are a decision that depends on the time or on anything that cannot be told, a fault, and
// everything on a listener with "audit: strict". While the decider is away what is known is answered until its time is up, and all
// else as above.
//
// The audit stays whole: each reuse is a record in the decider's decision log, with an id of its own that the dataplane's log has too, or is
// counted in one for its session and decision, as the decider says. Reports wait at most reuse.reports.interval and aggregate, are sent
// again until a replica takes them, and when the dataplane ends. They are behind the fact, by that much: a dataplane that is killed
// loses what waits. Where each decision must be recorded before it is obeyed, a listener has "audit: strict". When
// reuse.reports.queue is full, questions are asked, which records them (on_full: block), or reuses go on without a record, counted
// in a metric and logged (drop).
//
// # Who the client is
//
// Questions, logs and limits have the user's address: that of the connection or, from the networks of a listener's
// proxy_protocol, that of the PROXY header. The server is told it by a PROXY header, by an ID command with Dovecot's fields, or not at
// all; see Upstream. Loops by way of another proxy show in nothing: they end at limits.sessions_before_login.
//
// # TLS
//
// Both legs are configured by themselves, implicit or by STARTTLS, with crypto/tls's cipher suites. STARTTLS is spoken on each leg
// and never forwarded; octets in the clear around it end the session. A client may offer no ALPN protocol, or imap among others.
// Files are loaded again when they change, and by Dataplane.Reload; sessions keep what they have, and what was issued by an authority
// that is gone is not resumed.
//
// # Reloading and upgrades
//
// A Service keeps the listening sockets. Another configuration is another Dataplane on duplicates of them, and the one before keeps its sessions;
// counters and limits are common, but those of the decider's replicas and of reuse, which begin again. At most 16 configurations
// have sessions at once: those of the oldest are told BYE by one more. Another process gets the sockets by systemd's protocol, and counts for
// itself. An address that overlaps with one that is still listened on (":143" in place of "127.0.0.1:143") takes a restart.
//
// # What a session holds
//
// A session that waits holds 3 KiB, and 25 KiB with TLS on both legs: no goroutine and no buffer (TestSessionMemory of the program
// measures the process). With the default limits either side can make it hold 4 MiB (TestSessionHolds of internal/pep): limits.held
// and what comes with it of many commands without an answer, limits.server_line of a line without its end, limits.output of answers
// that nobody reads. Messages are streamed. While the garbage collector is behind, the program has half as much again, and 24 MiB; GOGC
// and GOMEMLIMIT take the place of that. limits.sessions and limits.sessions_before_login should fit the machine.
package dataplane
