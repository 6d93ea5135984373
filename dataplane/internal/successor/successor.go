// Package successor starts this program again, from the file that is there now, with the sockets of the process that runs. They are
// passed by systemd's protocol (sd_listen_fds(3)), which the program understands anyway.
package successor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gatepost/gatepost/dataplane/internal/socket"
)

// ready names the descriptor that a successor writes to when it serves.
const ready = "GATEPOST_READY_FD"

// Process is a successor that serves.
type Process struct {
	*os.Process
	ended chan error
}

// Ended has how the process ended.
func (p *Process) Ended() <-chan error { return p.ended }

// Start starts the program with the same arguments, and waits until it serves. If it ends first, or ctx does, it is no more.
func Start(ctx context.Context, sockets []*socket.Socket) (*Process, error) {
	program, err := exec.LookPath(os.Args[0])
	if err != nil {
		return nil, err
	}
	files, environ, err := socket.Pass(sockets)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer told.Close()
	c := exec.Command(program, os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.ExtraFiles = append(slices.Clone(files), tell)
	c.Env = append(inherited(os.Environ()), environ...)
	c.Env = append(c.Env, ready+"="+strconv.Itoa(3+len(files)))
	err = c.Start()
	_ = tell.Close()
	if err != nil {
		return nil, err
	}
	p := &Process{Process: c.Process, ended: make(chan error, 1)}
	go func() { p.ended <- c.Wait() }()

	serves := make(chan bool, 1)
	go func() {
		_, err := io.ReadFull(told, make([]byte, 1))
		serves <- err == nil
	}()
	select {
	case yes := <-serves:
		if yes {
			return p, nil
		}
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = p.Kill()
	return nil, fmt.Errorf("successor: process %d does not serve: %w", p.Pid, errors.Join(err, <-p.ended))
}

// inherited leaves out what was said to this process alone.
func inherited(environ []string) []string {
	return slices.DeleteFunc(environ, func(s string) bool {
		name, _, _ := strings.Cut(s, "=")
		return slices.Contains([]string{ready, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"}, name)
	})
}

// Predecessor is who has started this process as its successor; nil: nobody.
type Predecessor struct{ told *os.File }

// Own is this process's predecessor. The sockets that it passes are then this process's by systemd's protocol too, which names a
// process that could not be known before it was there. To be called first, and once.
func Own() (*Predecessor, error) {
	number := os.Getenv(ready)
	if number == "" {
		return nil, nil
	}
	fd, err := strconv.ParseUint(number, 10, 16)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("successor: %s is %q", ready, number)
	}
	syscall.CloseOnExec(int(fd))
	if err := errors.Join(os.Unsetenv(ready), os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))); err != nil {
		return nil, err
	}
	return &Predecessor{os.NewFile(uintptr(fd), "predecessor")}, nil
}

// Serves tells it that this process serves. It accepts nobody from then on.
func (p *Predecessor) Serves() error {
	if p == nil {
		return nil
	}
	defer p.told.Close()
	_, err := p.told.Write([]byte{1})
	return err
}
