package pep

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// keepAlive is how long a peer may be silent before TCP asks whether it is there, and how long there is between two such
// questions, in seconds.
const keepAlive = 15

// dial begins to connect to a server whose address has not to be looked up: nothing waits for it, and dialed is called when the loop is
// told what came of it. r.mu is held.
func (r *relay) dial() {
	l, up := &r.legs[session.Server], &r.listener.Upstream
	if r.server.loops.recent(up.Address) {
		r.unreachable(errLoop)
		return
	}
	to := sockaddr(up.Network, up.Address)
	fd, err := socketFD(family(to))
	if err != nil {
		r.undialed("socket", err)
		return
	}
	l.fd = fd
	setOptions(fd)
	switch err := syscall.Connect(fd, to); err {
	case nil, syscall.EINPROGRESS, syscall.EINTR:
	default:
		r.undialed("connect", err)
		return
	}
	l.dialing, l.blocked = true, now()
	if up.Network != "unix" {
		r.met[session.Server], err = r.server.loops.dialed(localAddress(fd), address(to), up.Address)
	}
	if err == nil {
		err = r.reactor.add(l)
	}
	if err != nil {
		r.unreachable(err)
	}
}

// dialed is called when the socket of a connection that is being made is ready. r.mu is held.
func (r *relay) dialed() {
	l, up := &r.legs[session.Server], &r.listener.Upstream
	if l.ending {
		errno, err := unix.GetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && errno != 0 {
			err = syscall.Errno(errno)
		}
		if err != nil {
			r.undialed("connect", err)
			return
		}
	}
	if up.Proxy != 0 {
		header, err := introduction(up.Proxy, r.conn.Client, r.conn.Local)
		if err == nil {
			// It fits an empty socket buffer.
			if _, err = writeFD(l.fd, header, false); err == syscall.EAGAIN {
				l.writable = false
				return // it was not about this connection
			}
		}
		if err != nil {
			r.unreachable(err)
			return
		}
	}
	l.dialing, l.blocked = false, 0
}

// undialed: there is no connection to the server, for that call failed.
func (r *relay) undialed(call string, err error) {
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(call, errno)
	}
	up := &r.listener.Upstream
	r.unreachable(&net.OpError{Op: "dial", Net: up.Network, Addr: address(sockaddr(up.Network, up.Address)), Err: err})
}

// unreachable ends the session for want of a server. r.mu is held.
func (r *relay) unreachable(err error) {
	l := &r.legs[session.Server]
	if l.dialing = false; l.fd >= 0 {
		r.shut(l)
	}
	r.server.tell(r.about.failed(upstreamReason(err), err))
	r.sess.Abort(unreachable(err), "[UNAVAILABLE] server unreachable", err)
}

func family(a syscall.Sockaddr) int {
	switch a.(type) {
	case *syscall.SockaddrInet4:
		return unix.AF_INET
	case *syscall.SockaddrInet6:
		return unix.AF_INET6
	}
	return unix.AF_UNIX
}
