package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider"
)

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "gatepost-decider",
		Short: "Decides by policy what IMAP clients and servers may say to each other",
		Long: `Decides by policy, written in Rego, what IMAP clients and servers may say to each other, for any number of dataplanes.

A policy is a directory. Begin with one that is ready, test it, ask it why it decides as it does, and serve it:

  gatepost-decider init policy --from read-only-user --user anna
  gatepost-decider test policy
  gatepost-decider explain --policy policy --user anna --selected INBOX EXPUNGE
  gatepost-decider serve --policy policy --listen unix:/run/gatepost/decider.sock

Before it is changed, see what the change does to what was decided so far:

  gatepost-decider replay --policy next /var/log/gatepost/decisions.json`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(serveCommand(), checkCommand(), initCommand(), testCommand(), explainCommand(), replayCommand(), schemaCommand(), versionCommand())
	return root
}

func serveCommand() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer dataplanes until SIGINT or SIGTERM; SIGHUP reloads policy",
		Example: `  gatepost-decider serve --policy policy --listen unix:/run/gatepost/decider.sock
  gatepost-decider serve --config /etc/gatepost/decider.yaml
  gatepost-decider serve --policy policy --console | jq .result`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c)
			if err != nil {
				return err
			}
			return serve(c.Context(), cfg)
		},
	}
	f.add(c)
	return c
}

func checkCommand() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "check",
		Short: "Check configuration and policy, and say what is wrong by file and line",
		Example: `  gatepost-decider check --policy policy
  gatepost-decider check --config /etc/gatepost/decider.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c)
			if err != nil {
				return err
			}
			revision, err := decider.Check(c.Context(), cfg)
			if err != nil {
				return err
			}
			if revision == "" {
				revision = "by bundles, which are not checked here"
			}
			fmt.Fprintln(c.OutOrStdout(), "ok, policy", revision)
			return nil
		},
	}
	f.add(c)
	return c
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of this program and of OPA",
		Args:  cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) {
			own, opa := "unknown", "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				own = info.Main.Version
				for _, d := range info.Deps {
					if d.Path == "github.com/open-policy-agent/opa" {
						opa = d.Version
					}
				}
			}
			fmt.Fprintf(c.OutOrStdout(), "gatepost-decider %s\nopa %s\n", own, opa)
		},
	}
}

// serve serves until it is told to stop.
func serve(ctx context.Context, cfg *decider.Config) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(cfg.Log.Handler(os.Stderr))
	d, err := decider.New(ctx, cfg, decider.Options{Log: log})
	if err != nil {
		return err
	}
	listeners, err := decider.Listen(cfg)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	go func() {
		for {
			select {
			case <-hangup:
				// What is wrong with it was logged.
				_ = d.Reload(ctx)
			case <-ctx.Done():
				// A second signal ends the program at once.
				stop()
				return
			}
		}
	}()
	return d.Serve(ctx, listeners...)
}
