// Package pep is the shell around the session machine: it owns the sockets, goroutines and clocks that the machine does not
// have.
//
// A connection becomes a session in this order: it gets a place, if there is one; it is no connection of the dataplane to itself; a
// balancer says who the client is, by the PROXY protocol; there is a place for one more of the client's network; the client's TLS;
// the connection to the server, with a PROXY header and TLS. Accepting never waits for any of it.
//
// Each session has a goroutine that reads from the client and one that reads from the server. One mutex guards the
// machine; it is never held while reading, writing or asking. What a reader's octets lead to is written to the other side by
// that reader, as a plain copy loop would do it, unless another goroutine is writing there already: then it leaves
// its output behind for that one. Back pressure is the machine's: it stops wanting octets from one side while too many wait for
// the other.
package pep
