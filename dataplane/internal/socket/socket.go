// Package socket opens listening sockets that outlive those who accept from them: a configuration, by way of a duplicate, or the
// process, by way of systemd's protocol for passing sockets (sd_listen_fds(3)).
package socket

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
	"golang.org/x/sys/unix"
)

// Socket is a listening socket.
type Socket struct {
	// Address is where it listens, as the configuration spells it; empty: nobody has asked for it yet.
	Address string
	// Owned: the socket was not systemd's. The file of a unix socket is removed by Close.
	Owned bool

	listener net.Listener
}

// Open listens on "host:port" or "unix:/path". A unix socket that nobody listens on any more is taken over.
func Open(address string) (*Socket, error) {
	network, rest := Split(address)
	if network == "unix" {
		if err := removeStale(rest); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen(network, rest)
	if err != nil {
		return nil, err
	}
	return own(l, address), nil
}

func own(l net.Listener, address string) *Socket {
	s := &Socket{Address: address, Owned: true, listener: l}
	s.unlink(true)
	return s
}

// Split is an address for net.Dial and net.Listen.
func Split(address string) (network, rest string) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return "unix", path
	}
	return "tcp", address
}

// passed is the name of what a process passes to its successor, among those that a .socket unit gives.
const passed = "gatepost"

// Inherited are the sockets that systemd or the process before has passed. They are passed once.
func Inherited() ([]*Socket, error) {
	var all []*Socket
	for _, f := range activation.Files(true) {
		l, err := net.FileListener(f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("socket: %s, which was passed, is not listening: %w", f.Name(), err)
		}
		if f.Name() == passed {
			all = append(all, own(l, ""))
		} else {
			all = append(all, &Socket{listener: l})
		}
	}
	return all, nil
}

// Addr is where it listens.
func (s *Socket) Addr() net.Addr { return s.listener.Addr() }

// Fits tells that the socket listens where the configuration wants it.
func (s *Socket) Fits(address string) bool {
	if s.Address == address {
		return true
	}
	network, rest := Split(address)
	switch a := s.Addr().(type) {
	case *net.UnixAddr:
		return network == "unix" && a.Name == rest
	case *net.TCPAddr:
		want, err := net.ResolveTCPAddr("tcp", rest)
		if network == "unix" || err != nil || want.Port != a.Port {
			return false
		}
		if want.IP == nil || want.IP.IsUnspecified() { // every address, for Go in either spelling
			return a.IP.IsUnspecified()
		}
		return want.IP.Equal(a.IP)
	}
	return false
}

// Listener is a listener of its own on the socket: to close it leaves the socket open.
func (s *Socket) Listener() (net.Listener, error) {
	f, err := s.file()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return net.FileListener(f)
}

// file is a duplicate. Not the listener's File, whose use puts the socket into blocking mode for all who share it.
func (s *Socket) file() (*os.File, error) {
	raw, err := s.listener.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	if ctl := raw.Control(func(p uintptr) { fd, err = unix.FcntlInt(p, unix.F_DUPFD_CLOEXEC, 3) }); ctl != nil {
		return nil, ctl
	}
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fd), s.Addr().String()), nil
}

// Close closes the socket. Listeners of it go on.
func (s *Socket) Close() error { return s.listener.Close() }

// Leave closes it for this process alone: another has it now.
func (s *Socket) Leave() error {
	s.unlink(false)
	return s.Close()
}

func (s *Socket) unlink(yes bool) {
	if l, ok := s.listener.(*net.UnixListener); ok {
		l.SetUnlinkOnClose(yes)
	}
}

// Pass gives duplicates for another process, and what its environment is to say of them when the first of them is its descriptor 3.
func Pass(all []*Socket) (files []*os.File, environ []string, err error) {
	names := make([]string, 0, len(all))
	for _, s := range all {
		f, err := s.file()
		if err != nil {
			for _, f := range files {
				_ = f.Close()
			}
			return nil, nil, err
		}
		files = append(files, f)
		if s.Owned {
			names = append(names, passed)
		} else {
			names = append(names, "systemd")
		}
	}
	return files, []string{fmt.Sprintf("LISTEN_FDS=%d", len(all)), "LISTEN_FDNAMES=" + strings.Join(names, ":")}, nil
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
