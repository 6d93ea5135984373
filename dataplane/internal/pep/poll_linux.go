package pep

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller tells which sockets can be read or written again. It tells it once: a socket that was not read to its end is not told of
// again (epoll, edge-triggered).
type poller struct {
	fd     int
	events [256]unix.EpollEvent
	// wakeFD is readable when wait is to return.
	wakeFD int
	// busy is how long wait looks again and again before it sleeps, if it was short when it last waited.
	busy  time.Duration
	short bool
}

func newPoller(busy time.Duration) (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	p := &poller{fd: fd, wakeFD: wake, busy: busy}
	if err := p.add(wake); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	_ = unix.Close(p.wakeFD)
	_ = unix.Close(p.fd)
}

func (p *poller) add(fd int) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff, Fd: int32(fd)}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &e)
}

// listen is add for a listening socket. One of the pollers that have it is told, as long as someone waits to be accepted.
func (p *poller) listen(fd int) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLEXCLUSIVE, Fd: int32(fd)}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &e)
}

func (p *poller) remove(fd int) { _ = unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, fd, nil) }

func (p *poller) wake() {
	one := [8]byte{1}
	_, _ = unix.Write(p.wakeFD, one[:])
}

// brief is how long sleep may wait without the runtime knowing, in milliseconds.
const brief = 1

// wait waits until something is ready, or at most looks, and calls ready for each.
func (p *poller) wait(look bool, ready func(fd int, r readiness)) error {
	var n int
	var err error
	switch {
	case look:
		n, err = epollWait(p.fd, p.events[:], 0)
	case p.busy == 0:
		n, err = p.sleep()
	default:
		begun := time.Now()
		if p.short {
			n, err = p.lookOut(begun)
		}
		if n == 0 && err == nil {
			n, err = p.sleep()
		}
		p.short = time.Since(begun) < 2*p.busy
	}
	if err != nil && err != unix.EINTR {
		return err
	}
	for i := range max(n, 0) {
		e := &p.events[i]
		if int(e.Fd) == p.wakeFD {
			var b [8]byte
			_, _ = unix.Read(p.wakeFD, b[:])
			continue
		}
		ready(int(e.Fd), readiness{
			read:  e.Events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			write: e.Events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			end:   e.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0,
		})
	}
	return nil
}

// lookOut looks for what comes in a moment. Whoever else has something to do on this processor comes first. Where a peer answers at once, to be
// put to sleep and woken takes longer than the answer.
func (p *poller) lookOut(begun time.Time) (n int, err error) {
	for {
		if n, err = epollWait(p.fd, p.events[:], 0); n != 0 || err != nil || time.Since(begun) > p.busy {
			return n, err
		}
		_, _, _ = syscall.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
}

// sleep waits for a moment first without telling the runtime: under load that is all there is, and the runtime would see a thread that
// goes in and out of system calls, and wake others to help. What the runtime then wants of the thread it signals, which ends the wait.
func (p *poller) sleep() (n int, err error) {
	if n, err = epollWait(p.fd, p.events[:], brief); n != 0 || err != nil {
		return n, err
	}
	return unix.EpollWait(p.fd, p.events[:], -1)
}

func epollWait(fd int, events []unix.EpollEvent, timeout int) (int, error) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(timeout), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// Sockets here never block, so that the runtime need not be told of the call: it is a good part of what a small one costs.

func readFD(fd int, p []byte) (int, error) {
	return call(syscall.SYS_RECVFROM, fd, p, 0)
}

// writeFD sends p. more: the kernel may keep the end of it for what comes next, or for push.
func writeFD(fd int, p []byte, more bool) (int, error) {
	flags := unix.MSG_NOSIGNAL
	if more {
		flags |= unix.MSG_MORE
	}
	return call(syscall.SYS_SENDTO, fd, p, flags)
}

func call(trap uintptr, fd int, p []byte, flags int) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, _, errno := syscall.RawSyscall6(trap, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), uintptr(flags), 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
