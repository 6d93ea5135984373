package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider"
)

// more are commands that builds with other tags have.
var more []*cobra.Command

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
	root.AddCommand(serveCommand(), checkCommand(), initCommand(), testCommand(), explainCommand(), dependsCommand(), replayCommand(), schemaCommand(), versionCommand())
	root.AddCommand(more...)
	return root
}

func serveCommand() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer dataplanes until SIGTERM; SIGHUP loads configuration and policy",
		Long:  serving,
		Example: `  gatepost-decider serve --policy policy --listen unix:/run/gatepost/decider.sock
  gatepost-decider serve --config /etc/gatepost/decider.yaml
  gatepost-decider serve --policy policy --console | jq .result`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serve(c.Context(), func() (*decider.Config, error) { return f.config(c) })
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
		Short: "Print the commit, and the versions of Go and of OPA",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), version())
			return err
		},
	}
}
