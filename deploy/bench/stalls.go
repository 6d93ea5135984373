package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A stall is what has been written and stays in the sender's kernel, though the receiver's window and the congestion window have room for
// it. Either the sender left out TCP_NODELAY and waits for an acknowledgement, which the receiver delays by 40 ms as it has no answer
// to send along (RFC 9293, section 3.7.4; RFC 1122, section 4.2.3.2), or it said that there is more (TCP_CORK, MSG_MORE) and then sent
// nothing. A peer that is slow to read closes its window, and one that is slow to write has nothing in its kernel: neither is a stall.
// So a busy machine makes none.
//
// The kernel's own count of delayed acknowledgements (DelayedACKs in /proc/net/netstat) says less: the timer fires as well where somebody
// is late to answer and nobody waits for the acknowledgement.
const (
	// stallAfter is how long it has stayed at least: less than a delayed acknowledgement, more than a wait for the processor
	// in the kernel.
	stallAfter = 16 * time.Millisecond
	// stallEvery is how often it is looked for. A stall that is seen twice is one.
	stallEvery = 10 * time.Millisecond
)

// stalls counts them among all TCP connections of the network namespace.
type stalls struct {
	fd          int
	stop, ended chan struct{}
	count       int
	err         error
}

// held names a stall: a connection, and how much it had sent by then.
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
	var before map[held]bool
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		now := map[held]bool{}
		if s.err = dump(s.fd, func(cookie uint64, info *unix.TCPInfo) {
			if stalled(info) {
				now[held{cookie, info.Bytes_sent}] = true
			}
		}); s.err != nil {
			return
		}
		for h := range now {
			if !before[h] {
				s.count++
			}
		}
		before = now
	}
}

// stalled tells that a connection holds back what it could send.
func stalled(c *unix.TCPInfo) bool {
	underway := c.Bytes_sent - c.Bytes_retrans - c.Bytes_acked
	return c.Notsent_bytes > 0 &&
		c.Unacked < c.Snd_cwnd &&
		underway+uint64(c.Notsent_bytes) <= uint64(c.Snd_wnd) &&
		time.Duration(c.Last_data_sent)*time.Millisecond >= stallAfter
}

// The kernel's sock_diag(7): offsets and sizes of inet_diag_req_v2 and inet_diag_msg, and INET_DIAG_INFO.
const (
	diagInfo       = 2
	requestSize    = 56
	messageSize    = 72
	messageCookie  = 44
	attributeAlign = 4
)

// dump goes through the TCP connections over IPv4 on which data can still go out.
func dump(fd int, each func(cookie uint64, info *unix.TCPInfo)) error {
	request := make([]byte, unix.SizeofNlMsghdr+requestSize)
	order := binary.NativeEndian
	order.PutUint32(request, uint32(len(request)))
	order.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	order.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1], body[2] = unix.AF_INET, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	order.PutUint32(body[4:], 1<<unix.BPF_TCP_ESTABLISHED|1<<unix.BPF_TCP_CLOSE_WAIT|1<<unix.BPF_TCP_FIN_WAIT1|1<<unix.BPF_TCP_LAST_ACK|1<<unix.BPF_TCP_CLOSING)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		done, err := answers(buf[:n], each)
		if done || err != nil {
			return err
		}
	}
}

// answers goes through what one read has brought; done: there is no more.
func answers(b []byte, each func(cookie uint64, info *unix.TCPInfo)) (done bool, err error) {
	order := binary.NativeEndian
	for len(b) >= unix.SizeofNlMsghdr {
		size := int(order.Uint32(b))
		if size < unix.SizeofNlMsghdr || size > len(b) {
			return false, errors.New("sock_diag: a message is cut off")
		}
		body := b[unix.SizeofNlMsghdr:size]
		switch kind := order.Uint16(b[4:]); {
		case kind == unix.NLMSG_DONE:
			return true, nil
		case kind == unix.NLMSG_ERROR && len(body) >= 4:
			return false, fmt.Errorf("sock_diag: %w", unix.Errno(-int32(order.Uint32(body))))
		case kind == unix.SOCK_DIAG_BY_FAMILY && len(body) >= messageSize:
			if info := tcpInfo(body[messageSize:]); info != nil {
				each(order.Uint64(body[messageCookie:]), info)
			}
		}
		b = b[min(align(size), len(b)):]
	}
	return false, nil
}

// tcpInfo finds it among attributes.
func tcpInfo(b []byte) *unix.TCPInfo {
	order := binary.NativeEndian
	for len(b) >= unix.SizeofRtAttr {
		size := int(order.Uint16(b))
		if size < unix.SizeofRtAttr || size > len(b) {
			return nil
		}
		if order.Uint16(b[2:]) == diagInfo {
			var info unix.TCPInfo // an older kernel's is shorter, a newer one's longer
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&info)), unsafe.Sizeof(info)), b[unix.SizeofRtAttr:size])
			return &info
		}
		b = b[min(align(size), len(b)):]
	}
	return nil
}

func align(n int) int { return (n + attributeAlign - 1) &^ (attributeAlign - 1) }
