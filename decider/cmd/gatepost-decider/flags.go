package main

import (
	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider"
)

// flags take precedence over the file.
type flags struct {
	file     string
	listen   []string
	policy   string
	opa      string
	logLevel string
	console  bool
}

func (f *flags) add(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&f.file, "config", "", "configuration `file`")
	fs.StringSliceVar(&f.listen, "listen", nil, "`address` to listen on, unix:/path or host:port (may be repeated)")
	fs.StringVar(&f.policy, "policy", "", "`directory` of the policy")
	fs.StringVar(&f.opa, "opa-config", "", "OPA configuration `file`: bundles, decision logs, ...")
	fs.StringVar(&f.logLevel, "log-level", "", "least `level` of the log: debug, info, warn, error")
	fs.BoolVar(&f.console, "console", false, "write the decision log to standard output")
	completeWords(c, "log-level", "debug", "info", "warn", "error")
}

// config reads the file, puts the flags that were given over it, and validates the result.
func (f *flags) config(c *cobra.Command) (*decider.Config, error) {
	return decider.LoadConfig(f.file, func(cfg *decider.Config) {
		given := c.Flags().Changed
		if given("listen") {
			cfg.Listen = f.listen
		}
		if given("policy") {
			cfg.Policy = f.policy
		}
		if given("opa-config") {
			cfg.OPAConfig = f.opa
		}
		if given("log-level") {
			cfg.Log.Level = f.logLevel
		}
		if given("console") {
			cfg.DecisionLog.Console = f.console
		}
	})
}
