package dataplane

import (
	"net"
	"slices"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/socket"
)

// opener finds the sockets of a configuration among those that are open, and opens what is missing.
type opener struct {
	have, opened []*socket.Socket
	used         []*socket.Socket
	listeners    []net.Listener
}

// listener is a listener on the socket at the address, which has the name if any port does.
func (o *opener) listener(name, address string) (net.Listener, error) {
	key := address
	if strings.HasSuffix(address, ":0") {
		key = name + " " + address // every such socket is another
	}
	s, err := o.socket(key, address)
	if err != nil {
		return nil, err
	}
	o.used = append(o.used, s)
	l, err := s.Listener()
	if err == nil {
		o.listeners = append(o.listeners, l)
	}
	return l, err
}

func (o *opener) socket(key, address string) (*socket.Socket, error) {
	for _, s := range o.have {
		if s.Fits(key) && !slices.Contains(o.used, s) {
			s.Address = key
			return s, nil
		}
	}
	s, err := socket.Open(address)
	if err != nil {
		return nil, err
	}
	s.Address = key
	o.opened = append(o.opened, s)
	return s, nil
}

// unused are the sockets that no listener was wanted on.
func (o *opener) unused() []*socket.Socket {
	return slices.DeleteFunc(slices.Clone(o.have), func(s *socket.Socket) bool { return slices.Contains(o.used, s) })
}

// undo closes what was opened.
func (o *opener) undo() {
	for _, l := range o.listeners {
		_ = l.Close()
	}
	for _, s := range o.opened {
		_ = s.Close()
	}
}
