package main

import (
	"errors"
	"net"
	"net/http"
	"os"
)

// backend is a server that may be behind the proxies, and what scenarios have to know of it.
type backend struct {
	// start starts it, with accounts and mail.
	start func(*bed) error
	// lines is how many messages FETCH 1:lines FLAGS is for.
	lines int
	// number is the sequence number of the message of a size in KiB.
	number func(kib int) int
	// mailbox is for APPEND. A connection empties it when it has stored keep messages; 0: nothing is stored.
	mailbox string
	keep    int
	// about says of scenarios what is different here, without why they are left out.
	about, without map[string]string
}

var backends = map[string]backend{
	"synthetic": {
		start:  (*bed).synthetic,
		lines:  manyLines,
		number: func(kib int) int { return kib },
	},
	"dovecot": {
		start:   (*bed).dovecot,
		lines:   dovecotLines,
		number:  dovecotNumber,
		mailbox: "Stored",
		keep:    32,
		about: map[string]string{
			"lines":          "1 000 untagged lines an answer, 4 connections",
			"append-1m":      "APPEND 1 MiB, synchronizing, 4 connections, expunged by 32",
			"append-1m-plus": "APPEND 1 MiB, LITERAL+, 4 connections, expunged by 32",
		},
		without: map[string]string{
			"fetch-16m": "with 1 MiB already most of the time is Dovecot's",
			"idle":      "the memory is the proxy's, whatever is behind",
			"idle-tls":  "the memory is the proxy's, whatever is behind",
		},
	},
}

// synthetic starts the server that does as little as can be.
func (b *bed) synthetic() error {
	p, err := start(b.dir, "server", os.Args[0], "server", "-plain", b.plain, "-secure", b.secure,
		"-certificate", b.path("tls/cert.pem"), "-key", b.path("tls/key.pem"))
	if err != nil {
		return err
	}
	b.stops = append(b.stops, p.stop)
	return errors.Join(p.accepts("tcp", b.plain), p.accepts("tcp", b.secure))
}

// serveAuth answers nginx (auth_http), which asks at each login: every account's server is the one.
func (b *bed) serveAuth() error {
	l, err := net.Listen("tcp", b.auth)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(b.plain)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Auth-Status"], h["Auth-Server"], h["Auth-Port"] = []string{"OK"}, []string{host}, []string{port}
	})}
	go func() { _ = server.Serve(l) }()
	b.stops = append(b.stops, func() { _ = server.Close() })
	return nil
}
