package pep

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// detach takes a socket out of the runtime's hands, whose own poller would be told of all that comes, too.
func detach(conn net.Conn) (fd int, err error) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return bridge(conn)
	}
	if fd, err = duplicate(c); err != nil {
		return -1, err
	}
	return fd, conn.Close()
}

// duplicate is a descriptor of one's own for a socket.
func duplicate(c syscall.Conn) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(own uintptr) {
		fd, failed = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err := errors.Join(err, failed); err != nil {
		return -1, err
	}
	return fd, nil
}

// attach gives a socket back to the runtime.
func attach(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	return net.FileConn(f)
}

// bridge makes a socket of a connection that is none, as an embedding program's listener may accept it: two goroutines carry what
// it says.
func bridge(conn net.Conn) (fd int, err error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return -1, err
	}
	for _, fd := range ends {
		unix.CloseOnExec(fd)
	}
	far, err := attach(ends[1])
	if err == nil {
		err = unix.SetNonblock(ends[0], true)
	}
	if err != nil {
		return -1, errors.Join(err, unix.Close(ends[0]))
	}
	go func() {
		_, _ = io.Copy(far, conn)
		_ = far.(*net.UnixConn).CloseWrite()
	}()
	go func() {
		_, _ = io.Copy(conn, far)
		_, _ = far.Close(), conn.Close()
	}()
	return ends[0], nil
}
