package pep

import (
	"io"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// leastSplice is from how many octets on it is cheaper to leave them in the kernel.
	leastSplice = 16 << 10
	// pipeSize is how much a pipe may hold, in octets, if the system lets it.
	pipeSize = 256 << 10
	// mostPipes is how many are kept that are not in use.
	mostPipes = 64
)

// pipe has octets on their way from one socket to another, which no one has to look at.
type pipe struct {
	r, w, holds int
}

var pipes struct {
	sync.Mutex
	free []*pipe
}

func newPipe() (*pipe, error) {
	pipes.Lock()
	defer pipes.Unlock()
	if n := len(pipes.free); n > 0 {
		p := pipes.free[n-1]
		pipes.free = pipes.free[:n-1]
		return p, nil
	}
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, err
	}
	_, _ = unix.FcntlInt(uintptr(ends[1]), unix.F_SETPIPE_SZ, pipeSize) // users may have no right to as much
	return &pipe{r: ends[0], w: ends[1]}, nil
}

// release gives it back; one that holds something is closed.
func (p *pipe) release() {
	pipes.Lock()
	defer pipes.Unlock()
	if p.holds == 0 && len(pipes.free) < mostPipes {
		pipes.free = append(pipes.free, p)
		return
	}
	_ = unix.Close(p.r)
	_ = unix.Close(p.w)
}

// splice moves at most n octets from one leg's socket to the other's. An error other than io.EOF says that the sockets are none
// that can be spliced, and that nothing was moved.
func (r *relay) splice(l, to *leg, n uint64) (got int, err error) {
	if !l.readable {
		return 0, nil
	}
	p, err := newPipe()
	if err != nil {
		return 0, err
	}
	in, err := moveFD(l.fd, p.w, int(min(n, pipeSize)), 0)
	switch {
	case err == unix.EAGAIN:
		l.readable = false
		p.release()
		return 0, nil
	case err == unix.EINVAL:
		p.release()
		return 0, err
	case err != nil: // reading says what it is
		p.release()
		return 0, err
	case in == 0:
		p.release()
		return 0, io.EOF
	}
	p.holds = in
	to.pipe = p
	// Behind a literal the line goes on, and what came as a whole mostly has that, too.
	to.follows = in == int(min(n, pipeSize)) && !l.ending
	if _, err := to.flush(); err != nil {
		r.failed(to, err)
	}
	return in, nil
}

// push has what the kernel has kept for more be sent, where no more came.
func (r *relay) push() {
	for i := range r.legs {
		l := &r.legs[i]
		if l.corked && l.fd >= 0 {
			// To set it again sends what is kept (tcp(7)); a socket that has no such option keeps nothing.
			_ = unix.SetsockoptInt(l.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		}
		l.corked = false
	}
}

// drain sends what the pipe holds.
func (l *leg) drain() (done bool, err error) {
	for l.pipe.holds > 0 {
		if !l.writable {
			return false, nil
		}
		flags := 0
		if l.follows {
			flags = unix.SPLICE_F_MORE
		}
		n, err := moveFD(l.pipe.r, l.fd, l.pipe.holds, flags)
		if err == unix.EAGAIN {
			l.block()
			return false, nil
		}
		if err != nil {
			return false, err
		}
		l.pipe.holds -= n
		l.corked = l.follows
		l.took(n)
	}
	l.pipe.release()
	l.pipe = nil
	return true, nil
}

func moveFD(from, to, n, flags int) (int, error) {
	for {
		m, _, errno := syscall.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n),
			uintptr(unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE|flags))
		switch errno {
		case 0:
			return int(m), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
