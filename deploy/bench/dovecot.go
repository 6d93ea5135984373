package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"sync"
)

// Dovecot's mailboxes have messages of a line each, and then one of each size that is fetched.
const dovecotLines = 1000

var dovecotSizes = []int{16, 64, 1 << 10}

func dovecotNumber(kib int) int {
	for i, size := range dovecotSizes {
		if size == kib {
			return dovecotLines + 1 + i
		}
	}
	panic(fmt.Sprintf("there is no message of %d KiB", kib))
}

// readers is how many accounts have mail: as many as connections read some at once, in any scenario. The others' mailboxes are empty.
const readers = 16

const dovecotProgram = "/usr/sbin/dovecot"

// dovecot starts Debian's Dovecot, with its mail in memory where there is a file system for that.
func (b *bed) dovecot() error {
	if os.Getuid() != 0 {
		return errors.New("only root can start Dovecot")
	}
	program, err := exec.LookPath(dovecotProgram)
	if err != nil {
		return fmt.Errorf("%w: apt install dovecot-imapd", err)
	}
	store, err := b.store()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(b.plain)
	if err != nil {
		return err
	}
	_, securePort, err := net.SplitHostPort(b.secure)
	if err != nil {
		return err
	}
	conf, err := b.write("dovecot.conf", "dovecot.conf", map[string]string{
		"Dir": b.dir, "Store": store, "Password": b.password, "Port": port, "SecurePort": securePort,
	})
	if err != nil {
		return err
	}
	p, err := start(b.dir, "dovecot", program, "-F", "-c", conf)
	if err != nil {
		return err
	}
	b.stops = append(b.stops, p.stop)
	if err := errors.Join(p.accepts("tcp", b.plain), p.accepts("tcp", b.secure)); err != nil {
		return err
	}
	return b.fill()
}

// store makes the directory of all mail.
func (b *bed) store() (string, error) {
	parent := "/dev/shm"
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		parent = b.dir
	}
	store, err := os.MkdirTemp(parent, "gatepost-bench-")
	if err != nil {
		return "", err
	}
	b.stops = append(b.stops, func() { _ = os.RemoveAll(store) })
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return "", err
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		return "", err
	}
	return store, os.Chown(store, uid, -1)
}

// fill puts the mail into the mailboxes.
func (b *bed) fill() error {
	var messages []byte
	add := func(size int) {
		messages = fmt.Appendf(messages, " {%d+}\r\n%s", size, fullMessage()[:size])
	}
	for range dovecotLines {
		add(len(messageHeader) + len(messageLine))
	}
	for _, kib := range dovecotSizes {
		add(kib << 10)
	}
	errs := make([]error, readers)
	var running sync.WaitGroup
	for i := range errs {
		running.Go(func() {
			t := &talker{load: Load{Addr: b.plain, Users: users, Password: b.password}, number: i}
			defer t.close()
			if errs[i] = t.login(); errs[i] == nil {
				errs[i] = t.exchange(fmt.Appendf(nil, "%s APPEND INBOX%s\r\n", tag, messages)) // MULTIAPPEND, RFC 3502
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
