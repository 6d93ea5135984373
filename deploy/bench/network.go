package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Whose connections are looked at for stalls: what the report says.
const (
	ownNetwork    = "a namespace of its own"
	sharedNetwork = "the machine's, whose other connections count as stalls too"
)

// isolated, in the environment, says that isolate has been there.
const isolated = "GATEPOST_BENCH_ISOLATED"

// isolate begins the program anew in a network namespace that has nothing but a loopback, so that all connections in it are of what is
// measured. Where that may not be (it takes CAP_SYS_ADMIN), all stays as it is.
func isolate() (network string, err error) {
	if os.Getenv(isolated) != "" {
		return ownNetwork, nil
	}
	// A namespace is a thread's. The thread that executes a program is the only one that is left of the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return sharedNetwork, nil
	}
	// It shares the machine's table of connections unless its parent says otherwise, and to look for stalls is to go through the table.
	// For a table of its own, there is one namespace between. Older kernels lack the setting (6.1).
	if os.WriteFile("/proc/sys/net/ipv4/tcp_child_ehash_entries", []byte("32768"), 0) == nil {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return "", err
		}
	}
	if err := loopbackUp(); err != nil {
		return "", fmt.Errorf("network namespace: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return "", syscall.Exec(self, os.Args, append(os.Environ(), isolated+"=1"))
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}
