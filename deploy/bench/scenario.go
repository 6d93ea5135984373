package main

import (
	"cmp"
	"time"
)

// leg says where there is TLS.
type leg string

const (
	plain leg = "plain"
	// toClient: TLS between client and proxy, and none behind.
	toClient leg = "tls"
	both     leg = "tls-both"
)

// scenario is something to measure.
type scenario struct {
	name, about string
	leg         leg
	load        Load
	// memory: what counts is memory, not time.
	memory bool
}

// scenarios are all of them, in the order of the table.
var scenarios = []scenario{
	{name: "command-1", about: "NOOP, 1 connection", load: Load{Do: "command", Conns: 1}},
	{name: "command-64", about: "NOOP, 64 connections", load: Load{Do: "command", Conns: 64}},
	{name: "command-64-tls", about: "NOOP, 64 connections, TLS", leg: toClient, load: Load{Do: "command", Conns: 64}},
	{name: "pipelined", about: "NOOP, 32 at once, 16 connections", load: Load{Do: "pipelined", Conns: 16, Depth: 32}},
	{name: "lines", about: "10 000 untagged lines an answer, 4 connections", load: Load{Do: "lines", Conns: 4}},
	{name: "fetch-64k", about: "FETCH 64 KiB, 16 connections", load: Load{Do: "fetch", Conns: 16, Size: 64}},
	{name: "fetch-1m", about: "FETCH 1 MiB, 4 connections", load: Load{Do: "fetch", Conns: 4, Size: 1 << 10}},
	{name: "fetch-16m", about: "FETCH 16 MiB, 4 connections", load: Load{Do: "fetch", Conns: 4, Size: 16 << 10}},
	{name: "fetch-1m-tls", about: "FETCH 1 MiB, 4 connections, TLS to the client", leg: toClient, load: Load{Do: "fetch", Conns: 4, Size: 1 << 10}},
	{name: "fetch-1m-tls-both", about: "FETCH 1 MiB, 4 connections, TLS on both sides", leg: both, load: Load{Do: "fetch", Conns: 4, Size: 1 << 10}},
	{name: "append-1m", about: "APPEND 1 MiB, synchronizing, 4 connections", load: Load{Do: "append", Conns: 4, Size: 1 << 10}},
	{name: "append-1m-plus", about: "APPEND 1 MiB, LITERAL+, 4 connections", load: Load{Do: "append+", Conns: 4, Size: 1 << 10}},
	{name: "login", about: "greeting, LOGIN, LOGOUT, 16 connections", load: Load{Do: "login", Conns: 16}},
	{name: "login-tls", about: "the same, TLS", leg: toClient, load: Load{Do: "login", Conns: 16}},
	{name: "mixed", about: "whole sessions of a mail client, 16 connections", load: Load{Do: "mixed", Conns: 16, Size: 16}},
	{name: "idle", about: "memory of an idle session", memory: true},
	{name: "idle-tls", about: "the same, TLS to the client", leg: toClient, memory: true},
}

// with fills in what all share.
func (s scenario) with(server backend, addr string, warm, long time.Duration, password string) Load {
	l := s.load
	l.Lines, l.Mailbox, l.Keep = server.lines, "INBOX", server.keep
	switch l.Do {
	case "fetch", "mixed":
		l.Message = server.number(l.Size)
	case "append", "append+":
		l.Mailbox = cmp.Or(server.mailbox, l.Mailbox)
	}
	l.Addr, l.TLS, l.Warm, l.For = addr, s.leg == toClient || s.leg == both, warm, long
	l.Users, l.Password = users, password
	return l
}

// users is how many accounts there are.
const users = 64
