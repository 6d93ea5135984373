package decider

import (
	"fmt"
	"io/fs"
	"net"
	"slices"

	"github.com/gatepost/gatepost/decider/internal/server"
)

// socket is a listening socket, at an address of the configuration.
type socket struct {
	address  string
	listener net.Listener
	mode     fs.FileMode
}

// opener finds the sockets of a configuration among those that are open, and opens what is missing.
type opener struct {
	have, used, opened []*socket
	listeners          []net.Listener
}

// all makes a listener on each socket, with that of admin last.
func (o *opener) all(cfg *Config) error {
	mode, err := cfg.Mode()
	if err != nil {
		return fmt.Errorf("socket_mode: %w", err)
	}
	addresses := slices.Clone(cfg.Listen)
	if cfg.Admin.Address != "" {
		addresses = append(addresses, adminAddress(cfg.Admin.Address))
	}
	for _, address := range addresses {
		k, err := o.socket(address, mode)
		if err != nil {
			return err
		}
		o.used = append(o.used, k)
		l, err := server.Duplicate(k.listener)
		if err != nil {
			return err
		}
		o.listeners = append(o.listeners, l)
	}
	return nil
}

func (o *opener) socket(address string, mode fs.FileMode) (*socket, error) {
	for _, k := range o.have {
		if k.address == address && !slices.Contains(o.used, k) {
			return k, nil
		}
	}
	l, err := server.Listen(address, mode)
	if err != nil {
		return nil, err
	}
	k := &socket{address, l, mode}
	o.opened = append(o.opened, k)
	return k, nil
}

// unused are the sockets that no listener was wanted on.
func (o *opener) unused() []*socket {
	return slices.DeleteFunc(slices.Clone(o.have), func(k *socket) bool { return slices.Contains(o.used, k) })
}

// undo closes what was opened.
func (o *opener) undo() {
	for _, l := range o.listeners {
		_ = l.Close()
	}
	closeSockets(o.opened)
}

func closeSockets(all []*socket) {
	for _, k := range all {
		_ = k.listener.Close()
	}
}
