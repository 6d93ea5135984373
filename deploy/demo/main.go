// Command demo runs all of Gatepost in one process, on the loopback interface: an IMAP server in memory, the decider, and
// the dataplane in front of it. Connect any mail client, and see each verdict as it falls.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/decider"
)

// options are the command line's.
type options struct {
	listen, user, password, policy string
	// ready is told where clients connect and where decisions are recorded; nil: nobody is.
	ready func(address, records string)
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:1143", "where mail clients connect: `host:port`")
	flag.StringVar(&o.user, "user", "demo", "the mail user's `name`")
	flag.StringVar(&o.password, "password", "demo", "the mail user's `password`")
	flag.StringVar(&o.policy, "policy", "", "the `directory` of a policy; empty: the default policy")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "gatepost-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &screen{out: out}
	log := slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelWarn}))

	mail, err := mailServer(o.user, o.password)
	if err != nil {
		return err
	}
	mailListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	records := filepath.Join(dir, "decisions.log")
	socket := filepath.Join(dir, "decider.sock")
	dec, err := newDecider(ctx, o.policy, socket, records, log)
	if err != nil {
		return err
	}
	deciderListener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	dp, err := newDataplane(o.listen, mailListener.Addr().String(), socket, log, s.event)
	if err != nil {
		return err
	}

	g, ctx := errgroup.WithContext(ctx)
	// The decider outlives the dataplane, so that the last commands are decided too.
	deciderCtx, stopDecider := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error {
		if err := mail.Serve(mailListener); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error { return dec.Serve(deciderCtx, deciderListener) })
	g.Go(func() error {
		defer stopDecider()
		defer mail.Close()
		return dp.Serve(ctx)
	})
	address := dp.Addr(listenerName).String()
	s.welcome(address, o, records)
	if o.ready != nil {
		o.ready(address, records)
	}
	return g.Wait()
}

const listenerName = "demo"

// patience is how long a decision may take here: a demo, on a machine that may be busy with anything, wants an answer more
// than a quick failure.
const patience = 10 * time.Second

func newDecider(ctx context.Context, policy, socket, records string, log *slog.Logger) (*decider.Decider, error) {
	c := decider.DefaultConfig()
	c.Listen = []string{"unix:" + socket}
	c.Policy = policy
	c.DecisionLog.File = &decider.File{Path: records, MaxSizeMB: 100}
	c.Shutdown.Wait = 0
	c.Evaluation.Deadline = patience
	return decider.New(ctx, c, decider.Options{Log: log})
}

func newDataplane(listen, server, socket string, log *slog.Logger, onEvent func(dataplane.Event)) (*dataplane.Dataplane, error) {
	c := dataplane.DefaultConfig()
	c.Name = "demo"
	c.Listeners = []dataplane.Listener{{Name: listenerName, Address: listen}}
	c.Upstream = dataplane.Upstream{Address: server, TLS: dataplane.ClientTLS{Mode: "off"}}
	c.Decider.Address = "unix:" + socket
	c.Decider.Deadline = 2 * patience
	c.Timeouts.Shutdown = 3 * time.Second
	return dataplane.New(c, dataplane.Options{Log: log, OnEvent: onEvent})
}
