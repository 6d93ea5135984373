package main

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// A stall is what has been written and stays in the sender's kernel, though the receiver has read all that was sent before. Then it is an
// acknowledgement that is waited for, which the receiver delays by 40 ms as it has no answer to send along (RFC 1122, section 4.2.3.2):
// since the sender left out TCP_NODELAY, or since the window is too small for another segment until the acknowledgement opens it. Or the sender
// has said that there is more (TCP_CORK, MSG_MORE), and sends nothing. A peer that is slow to read has something to read, and one that is
// slow to write has nothing in its kernel: neither is a stall, so that a busy machine makes none.
//
// The kernel's own count of delayed acknowledgements (DelayedACKs in /proc/net/netstat) says less: the timer fires as well where somebody
// is late to answer and nobody waits for the acknowledgement.
const (
	// stallAfter is how long nothing has been sent at least: less than a delayed acknowledgement.
	stallAfter = 12 * time.Millisecond
	// stallEvery is how often it is looked for. What is seen twice is a stall: the kernel goes through connections one by one, and meanwhile they
	// go on.
	stallEvery = 10 * time.Millisecond
)

// stalls counts them among all TCP connections of the network namespace.
type stalls struct {
	fd          int
	stop, ended chan struct{}
	count       int
	err         error
}

// held names what may be a stall: a connection, and how much it had sent by then.
type held struct{ cookie, sent uint64 }

// watchStalls begins to count.
func watchStalls() (*stalls, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	s := &stalls{fd: fd, stop: make(chan struct{}), ended: make(chan struct{})}
	go s.watch()
	return s, nil
}

// end says how many there were.
func (s *stalls) end() (int, error) {
	close(s.stop)
	<-s.ended
	return s.count, errors.Join(s.err, unix.Close(s.fd))
}

func (s *stalls) watch() {
	defer close(s.ended)
	tick := time.NewTicker(stallEvery)
	defer tick.Stop()
	seen := map[held]int{}
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		now := map[held]int{}
		var all []connection
		if all, s.err = connections(s.fd); s.err != nil {
			return
		}
		for _, h := range waiting(all) {
			if now[h] = seen[h] + 1; now[h] == 2 {
				s.count++
			}
		}
		seen = now
	}
}

// waiting are those that hold something back from a receiver that has read all.
func waiting(all []connection) (some []held) {
	var unread map[ends]uint32
	for _, c := range all {
		if c.info.Notsent_bytes == 0 || time.Duration(c.info.Last_data_sent)*time.Millisecond < stallAfter {
			continue
		}
		if unread == nil {
			unread = map[ends]uint32{}
			for _, c := range all {
				unread[c.ends] = c.unread
			}
		}
		if n, ok := unread[ends{c.ends.remote, c.ends.local}]; ok && n == 0 {
			some = append(some, held{c.cookie, c.info.Bytes_sent})
		}
	}
	return some
}
