package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listen listens on "unix:/path" or "host:port". A unix socket gets the mode; one that nobody listens on any more is taken
// over.
func Listen(address string, mode fs.FileMode) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix:")
	if !unix {
		return net.Listen("tcp", address)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, mode); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// Duplicate is a listener of its own on the same socket: to close it leaves the socket open, and the file of a unix socket where it is.
func Duplicate(l net.Listener) (net.Listener, error) {
	c, ok := l.(syscall.Conn)
	if !ok {
		return nil, fmt.Errorf("listen: a %T has no socket", l)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	// Not the listener's File, whose use puts the socket into blocking mode for all who share it.
	fd := -1
	if ctl := raw.Control(func(p uintptr) { fd, err = unix.FcntlInt(p, unix.F_DUPFD_CLOEXEC, 3) }); ctl != nil {
		return nil, ctl
	}
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	f := os.NewFile(uintptr(fd), l.Addr().String())
	defer f.Close()
	return net.FileListener(f)
}

// removeStale removes a socket that its owner left behind.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("listen unix:%s: there is a file that is not a socket", path)
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		_ = c.Close()
		return fmt.Errorf("listen unix:%s: %w", path, syscall.EADDRINUSE)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
