package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider/internal/offline"
	"github.com/gatepost/gatepost/decider/internal/replay"
)

func replayCommand() *cobra.Command {
	var policy, base, format string
	var allow []string
	var limit int
	o := replay.Options{}
	c := &cobra.Command{
		Use:   "replay --policy DIR|BUNDLE LOG...",
		Short: "Decide a decision log again by another policy, and tell what would change",
		Long: `Decide what a decision log has again by another policy, and tell what would change, by command, user, and the rows that decide.

A log is what the decider's console or file has, or what a decision log service is sent; gzip or not; - is standard
input. Each input is decided at the time that its record has, and with the recorded results of functions such as rand.intn, where
OPA's setting nd_builtin_cache had them recorded; else such decisions are named as uncertain.

Records of which a mask erased or changed something are not compared, and are counted by what is missing. Records do not have the
rows that are kept for the responses of a command: to compare those too, give the policy that was in force with --base.

The exit code is 0 if nothing would change, 1 if something would, and 2 if it cannot be told.`,
		Example: `  gatepost-decider replay --policy next /var/log/gatepost/decisions.json
  gatepost-decider replay --policy next --base policy decisions.json.gz
  gatepost-decider replay --policy bundle.tar.gz --format json decisions.json | jq '.groups[] | select(.is | startswith("IMAP_REQ_REJECT"))'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, logs []string) error {
			if format != "text" && format != "json" {
				return outcome(fmt.Errorf("--format: %q is neither text nor json", format))
			}
			var err error
			if o.Policy, err = offline.Open(c.Context(), policy, allow); err != nil {
				return outcome(err)
			}
			defer o.Policy.Close(c.Context())
			if base != "" {
				if o.Base, err = offline.Open(c.Context(), base, allow); err != nil {
					return outcome(err)
				}
				defer o.Base.Close(c.Context())
			}
			o.Logs = logs
			r, err := replay.Run(c.Context(), o)
			if err != nil {
				return outcome(err)
			}
			if format == "json" {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				err = out.Encode(r)
			} else {
				err = r.Write(c.OutOrStdout(), limit)
			}
			if err == nil && r.Changed > 0 {
				err = replay.ErrChanges
			}
			return outcome(err, replay.ErrChanges)
		},
	}
	fs := c.Flags()
	fs.StringVar(&policy, "policy", "", "`directory` of the policy that decides, or a bundle file (the default policy)")
	fs.StringVar(&base, "base", "", "`directory` of the policy to compare with, or a bundle file (what was recorded)")
	fs.IntVar(&o.Examples, "examples", 3, "`number` of decision ids that a group names")
	fs.IntVar(&limit, "groups", 50, "`number` of groups that are shown as text; 0: all")
	fs.StringVar(&format, "format", "text", "`form` of the output: text, json")
	addTools(c, nil, &allow)
	completeWords(c, "format", "text", "json")
	return c
}
