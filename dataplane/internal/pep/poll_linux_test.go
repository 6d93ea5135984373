package pep

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A loop that was woken soon looks out before it sleeps the next time, and one that was not sleeps at once; with busy_poll 0 all do.
func TestBusyPoll(t *testing.T) {
	for _, c := range []struct {
		name       string
		busy, wait time.Duration
		short      bool
	}{
		{"woken soon", time.Hour, 0, true},
		{"woken late", time.Nanosecond, 10 * time.Millisecond, false},
		{"off", 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := newPoller(c.busy)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			if err := p.add(fd); err != nil {
				t.Fatal(err)
			}
			// The second time it looks out, if it was woken soon the first.
			for round := range 2 {
				time.AfterFunc(c.wait, func() { _, _ = unix.Write(fd, []byte{1, 0, 0, 0, 0, 0, 0, 0}) })
				read := false
				for !read {
					if err := p.wait(false, func(ready int, is readiness) { read = read || ready == fd && is.read }); err != nil {
						t.Fatal(err)
					}
				}
				var b [8]byte
				if _, err := unix.Read(fd, b[:]); err != nil {
					t.Fatal(err)
				}
				if p.short != c.short {
					t.Errorf("round %d: short is %v", round, p.short)
				}
			}
			if err := p.wait(true, func(int, readiness) {}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
