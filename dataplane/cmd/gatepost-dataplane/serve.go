package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/dataplane/internal/socket"
	"github.com/gatepost/gatepost/dataplane/internal/successor"
)

const serving = `Serve clients by the configuration.

SIGHUP loads the configuration again, and the files of certificates and keys that it names. Those who connect from then on are served by it;
sessions keep the one they began with. If it is wrong in anything, the log says what and where, and nothing changes.

SIGUSR2 starts the program again, from the file that is there now, with the listening sockets. When the new process serves, this
one accepts nobody any more; its sessions go on for timeouts.drain and are then told BYE. If the new process does not serve, nothing changes.

SIGTERM and SIGINT end the program: sessions go on for timeouts.drain_on_stop (0s), are told BYE, and have timeouts.shutdown to
end. A second signal has them told BYE at once, a third ends the program.

Listening sockets may be passed by systemd (systemd.socket(5)), each at the address of a listener or of admin. Systemd is told when the
program is ready, reloads and ends, and, where WatchdogSec asks for it, that clients would be accepted (sd_notify(3)).`

// startsWithin is how long a successor may take until it serves.
const startsWithin = time.Minute

// serveUntilSignal serves until a signal, or a successor, ends it.
func serveUntilSignal(file string) error {
	before, err := successor.Own()
	if err != nil {
		return err
	}
	sockets, err := socket.Inherited()
	if err != nil {
		return err
	}
	load := func() (*dataplane.Config, error) { return dataplane.LoadConfig(file) }
	cfg, err := load()
	if err != nil {
		return err
	}
	s, err := dataplane.NewService(cfg, sockets, dataplane.Options{})
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR2)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	watched, unwatch := context.WithCancel(ctx)
	p := &program{Service: s, load: load, stop: stop, unwatch: unwatch, lost: make(chan error, 1)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	if err := p.ready(ctx, before); err != nil {
		slog.Error("systemd", "error", err)
	}
	go watchdog(watched, s.Alive)
	go func() {
		for sig := range signals {
			p.signal(sig)
		}
	}()
	if err := <-served; err != nil {
		return err
	}
	select {
	case err := <-p.lost:
		return err
	default:
		return nil
	}
}

// program is the service with what signals do to it.
type program struct {
	*dataplane.Service
	load    func() (*dataplane.Config, error)
	stop    context.CancelFunc
	stops   int
	unwatch context.CancelFunc // this is the main process no more
	lost    chan error         // the successor has ended
}

// ready tells whoever waits for it that clients are served.
func (p *program) ready(ctx context.Context, before *successor.Predecessor) error {
	ctx, cancel := context.WithTimeout(ctx, startsWithin/2)
	defer cancel()
	if err := p.Alive(ctx); err != nil {
		return err
	}
	if before == nil {
		return notifyReady()
	}
	// Until then its own questions are answered.
	p.WaitReady(ctx, 5*time.Second)
	return before.Serves()
}

func (p *program) signal(sig os.Signal) {
	switch sig {
	case syscall.SIGHUP:
		notifyReloading()
		_ = p.Reload(p.load) // what is wrong is logged
		_ = notifyReady()
	case syscall.SIGUSR2:
		_ = p.HandOver(p.succeed) // so it is here
	default:
		p.stops++
		switch p.stops {
		case 1:
			notifyStopping()
			p.stop()
		case 2:
			p.Hurry()
		case 3:
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}
	}
}

// succeed starts the successor.
func (p *program) succeed(sockets []*socket.Socket) error {
	ctx, cancel := context.WithTimeout(context.Background(), startsWithin)
	defer cancel()
	next, err := successor.Start(ctx, sockets)
	if err != nil {
		return err
	}
	p.unwatch()
	notifySuccessor(next.Pid)
	go func() {
		// Nobody is served any more then: who starts the program again is to know.
		p.lost <- fmt.Errorf("the successor has ended: %v", <-next.Ended())
		p.Hurry()
	}()
	return nil
}
