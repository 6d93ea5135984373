package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

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
