package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/gatepost/gatepost/decider"
)

const serving = `Answer dataplanes' questions by the configuration and the flags, which take precedence over its file.

SIGHUP loads the configuration again, with the files that it names, and policy. If anything of it is wrong, the log says what and where, and
nothing changes. Otherwise dataplanes are told to ask on new connections, and what they have asked is answered. Policy and
certificates are loaded, too, when their files change.

SIGTERM and SIGINT end the program: health turns NOT_SERVING, questions go on to be answered for shutdown.wait, those in flight are
finished within shutdown.drain, and records are written. A second signal ends it at once.

Systemd is told when the program listens and has a policy, when it reloads and when it ends, and, where WatchdogSec asks for it, that questions are
evaluated (sd_notify(3)).`

// serve serves until it is told to stop.
func serve(ctx context.Context, load func() (*decider.Config, error)) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger := func(c *decider.Config) *slog.Logger { return slog.New(c.Log.Handler(os.Stderr)) }
	s, err := decider.NewService(ctx, cfg, logger)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	go func() {
		if s.Loaded(ctx) == nil {
			notifyReady()
			go watchdog(ctx, s.Alive)
		}
		for {
			select {
			case <-hangup:
				notifyReloading()
				_ = s.Reload(ctx, load) // what is wrong with it is logged
				notifyReady()
			case <-ctx.Done():
				notifyStopping()
				stop() // a second signal ends the program at once
				return
			}
		}
	}()
	return <-served
}
