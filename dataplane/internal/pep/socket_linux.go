package pep

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// acceptFD accepts a connection whose socket does not block.
func acceptFD(fd int) (conn int, peer syscall.Sockaddr, err error) {
	return syscall.Accept4(fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
}

// socketFD makes a socket that does not block.
func socketFD(family int) (int, error) {
	return unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

// inherited sets a listening socket's options, which the sockets have that are accepted from it (tcp(7)).
func inherited(fd int) { setOptions(fd) }

// setOptions sets those of a TCP connection: what is written is sent at once, and a peer that is gone is noticed, after as long
// as package net has it (9 probes are the system's default). On a socket of another kind it does nothing.
func setOptions(fd int) {
	if unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) != nil {
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, keepAlive)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, keepAlive)
}
