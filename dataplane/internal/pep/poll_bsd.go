//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package pep

import (
	"time"

	"golang.org/x/sys/unix"
)

// poller is the same by kqueue. It is for those who develop: what serves is Linux.
type poller struct {
	fd     int
	events [256]unix.Kevent_t
	// wakeFDs are a pipe, of which the first end is readable when wait is to return.
	wakeFDs [2]int
}

// newPoller makes one, which does not look out before it waits.
func newPoller(time.Duration) (*poller, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, err
	}
	p := &poller{fd: fd}
	if err := unix.Pipe(p.wakeFDs[:]); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	for _, end := range p.wakeFDs {
		unix.CloseOnExec(end)
		_ = unix.SetNonblock(end, true)
	}
	unix.CloseOnExec(fd)
	if err := p.change(p.wakeFDs[0], unix.EV_ADD|unix.EV_CLEAR, unix.EVFILT_READ); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	_ = unix.Close(p.wakeFDs[0])
	_ = unix.Close(p.wakeFDs[1])
	_ = unix.Close(p.fd)
}

func (p *poller) change(fd, flags int, filters ...int) error {
	changes := make([]unix.Kevent_t, len(filters))
	for i, f := range filters {
		unix.SetKevent(&changes[i], fd, f, flags)
	}
	_, err := unix.Kevent(p.fd, changes, nil, nil)
	return err
}

func (p *poller) add(fd int) error {
	return p.change(fd, unix.EV_ADD|unix.EV_CLEAR, unix.EVFILT_READ, unix.EVFILT_WRITE)
}

func (p *poller) listen(fd int) error { return p.change(fd, unix.EV_ADD, unix.EVFILT_READ) }

func (p *poller) remove(fd int) {
	_ = p.change(fd, unix.EV_DELETE, unix.EVFILT_READ, unix.EVFILT_WRITE)
}

func (p *poller) wake() { _, _ = unix.Write(p.wakeFDs[1], []byte{1}) }

func (p *poller) wait(look bool, ready func(fd int, r readiness)) error {
	var timeout *unix.Timespec
	if look {
		timeout = new(unix.Timespec)
	}
	n, err := unix.Kevent(p.fd, nil, p.events[:], timeout)
	if err != nil && err != unix.EINTR {
		return err
	}
	for i := range max(n, 0) {
		e := &p.events[i]
		fd := int(e.Ident)
		if fd == p.wakeFDs[0] {
			var b [64]byte
			_, _ = unix.Read(fd, b[:])
			continue
		}
		end := e.Flags&unix.EV_EOF != 0
		ready(fd, readiness{read: e.Filter == unix.EVFILT_READ || end, write: e.Filter == unix.EVFILT_WRITE || end, end: end})
	}
	return nil
}

func readFD(fd int, p []byte) (int, error) { return retried(unix.Read, fd, p) }

func writeFD(fd int, p []byte, _ bool) (int, error) { return retried(unix.Write, fd, p) }

func retried(call func(int, []byte) (int, error), fd int, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := call(fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}
