package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd, where it has started the program and wants to know.
func notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		slog.Error("systemd", "error", err)
	}
}

func notifyReady() { notify(daemon.SdNotifyReady) }

func notifyReloading() { notify(daemon.SdNotifyMonotonicUsec() + daemon.SdNotifyReloading) }

func notifyStopping() { notify(daemon.SdNotifyStopping) }

// watchdog tells systemd that the program is alive, as often as it wants to know, as long as that is so.
func watchdog(ctx context.Context, alive func(context.Context) error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	each := time.NewTicker(interval / 3)
	defer each.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-each.C:
		}
		within, cancel := context.WithTimeout(ctx, interval/3)
		if err := alive(within); err == nil {
			notify(daemon.SdNotifyWatchdog)
		} else if ctx.Err() == nil {
			slog.Error("not alive", "error", err)
		}
		cancel()
	}
}
