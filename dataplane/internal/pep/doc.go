// Package pep is the shell around the session machine: it owns the sockets, goroutines and clocks that the machine does not
// have.
//
// A connection becomes a session in this order: it gets a place, if there is one; it is no connection of the dataplane to itself; a
// balancer says who the client is, by the PROXY protocol; there is a place for one more of the client's network; the client's TLS;
// the connection to the server, with a PROXY header and TLS. Accepting never waits for any of it.
//
// What may wait (headers of the PROXY protocol, names of servers, TLS handshakes) has a goroutine while it does. A session that runs has
// none: its sockets belong to one of a few loops, one for each processor, which accepts and connects, and runs the sessions that have
// something to do, one after the other. So an idle session holds no stack and no buffer. One mutex guards a session; whoever holds it
// (the loop, an answer of the decider, a deadline) does all that can be done at once, and nothing that waits: sockets never block, and
// questions are answered by a call.
//
// Back pressure is the machine's, which stops wanting octets from one side while too many wait for the other, and the shell's, which reads
// no more from one side while the other does not take what was read. Literals that pass as they are go round the machine: it says
// how many octets, and they are spliced from socket to socket, or read and written where there is TLS.
package pep
