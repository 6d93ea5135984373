//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package pep

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func acceptFD(fd int) (conn int, peer syscall.Sockaddr, err error) {
	if conn, peer, err = syscall.Accept(fd); err != nil {
		return -1, nil, err
	}
	unix.CloseOnExec(conn)
	return conn, peer, unix.SetNonblock(conn, true)
}

func socketFD(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, err
	}
	unix.CloseOnExec(fd)
	return fd, unix.SetNonblock(fd, true)
}

// inherited sets a listening socket's options, which the sockets have that are accepted from it.
func inherited(fd int) { setOptions(fd) }

func setOptions(fd int) {
	if unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) == nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	}
}
