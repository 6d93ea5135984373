// Command gatepost-dataplane stands between IMAP clients and servers and enforces what the decider decides.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/grpclog"

	"github.com/gatepost/gatepost/dataplane"
)

func main() { os.Exit(run()) }

func run() int {
	defer runtime.KeepAlive(tune())
	// gRPC has a log of its own, in another form. What matters of it is in errors, which are in ours.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// more are commands that builds with other tags have.
var more []*cobra.Command

func command() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use:   "gatepost-dataplane",
		Short: "Stands between IMAP clients and servers and enforces what the decider decides",
		Long: `Stands between IMAP clients and servers, asks a decider about every command and response, and enforces what it decides.

  gatepost-dataplane check --config /etc/gatepost/dataplane.yaml
  gatepost-dataplane serve --config /etc/gatepost/dataplane.yaml

A configuration needs a listener, an upstream and a decider; deploy/examples/dataplane.yaml has every setting.
The commands transcript and question are for tools: "gatepost-decider test" and "gatepost-decider explain" run them.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	serve := &cobra.Command{
		Use:   "serve",
		Short: "Serve clients until SIGTERM; SIGHUP loads the configuration, SIGUSR2 the program",
		Long:  serving,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return serveUntilSignal(file) },
	}
	check := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and every file it names",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := dataplane.LoadConfig(file); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", file)
			return err
		},
	}
	for _, c := range []*cobra.Command{serve, check} {
		c.Flags().StringVarP(&file, "config", "c", "/etc/gatepost/dataplane.yaml", "configuration `file`")
	}
	build := &cobra.Command{
		Use:   "version",
		Short: "Print the commit and the Go version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), version())
			return err
		},
	}
	root.AddCommand(serve, check, transcriptCommand(), questionCommand(), build)
	root.AddCommand(more...)
	return root
}
