package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

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

// ends are the addresses and ports of a connection, seen from one of them.
type ends struct{ local, remote end }

type end struct {
	addr [4]byte
	port [2]byte
}

// connection is one of the two sockets of a connection.
type connection struct {
	ends   ends
	cookie uint64
	unread uint32
	info   unix.TCPInfo
}

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

// The kernel's sock_diag(7): offsets and sizes of inet_diag_req_v2 and inet_diag_msg, and INET_DIAG_INFO.
const (
	diagInfo       = 2
	requestSize    = 56
	messageSize    = 72
	messagePorts   = 4
	messageLocal   = 8
	messageRemote  = 24
	messageCookie  = 44
	messageUnread  = 56
	attributeAlign = 4
)

// connections are the TCP connections over IPv4.
func connections(fd int) (all []connection, err error) {
	request := make([]byte, unix.SizeofNlMsghdr+requestSize)
	order := binary.NativeEndian
	order.PutUint32(request, uint32(len(request)))
	order.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	order.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1], body[2] = unix.AF_INET, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	order.PutUint32(body[4:], 1<<unix.BPF_TCP_ESTABLISHED|1<<unix.BPF_TCP_CLOSE_WAIT|1<<unix.BPF_TCP_FIN_WAIT1|1<<unix.BPF_TCP_FIN_WAIT2|
		1<<unix.BPF_TCP_LAST_ACK|1<<unix.BPF_TCP_CLOSING)
	if err := unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		done, err := parse(buf[:n], &all)
		if done || err != nil {
			return all, err
		}
	}
}

// parse adds what one read has brought; done: there is no more.
func parse(b []byte, all *[]connection) (done bool, err error) {
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
			c := connection{cookie: order.Uint64(body[messageCookie:]), unread: order.Uint32(body[messageUnread:])}
			copy(c.ends.local.port[:], body[messagePorts:])
			copy(c.ends.remote.port[:], body[messagePorts+2:])
			copy(c.ends.local.addr[:], body[messageLocal:])
			copy(c.ends.remote.addr[:], body[messageRemote:])
			if tcpInfo(body[messageSize:], &c.info) {
				*all = append(*all, c)
			}
		}
		b = b[min(align(size), len(b)):]
	}
	return false, nil
}

// tcpInfo finds it among attributes.
func tcpInfo(b []byte, info *unix.TCPInfo) bool {
	order := binary.NativeEndian
	for len(b) >= unix.SizeofRtAttr {
		size := int(order.Uint16(b))
		if size < unix.SizeofRtAttr || size > len(b) {
			return false
		}
		if order.Uint16(b[2:]) == diagInfo {
			// An older kernel's is shorter, a newer one's longer.
			copy(unsafe.Slice((*byte)(unsafe.Pointer(info)), unsafe.Sizeof(*info)), b[unix.SizeofRtAttr:size])
			return true
		}
		b = b[min(align(size), len(b)):]
	}
	return false
}

func align(n int) int { return (n + attributeAlign - 1) &^ (attributeAlign - 1) }
