package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider/internal/explain"
	"github.com/gatepost/gatepost/decider/internal/offline"
)

var errAsked = errors.New("some decisions are asked for each time")

func dependsCommand() *cobra.Command {
	var policy, format string
	var allow []string
	var strict bool
	c := &cobra.Command{
		Use:   "depends [flags] [COMMAND ...]",
		Short: "Say what a policy's decisions depend on, and so which a dataplane may reuse",
		Long: `Say what a policy's decisions depend on, and so which of them a dataplane may reuse for an equal question without asking.

Told is for each command, the greeting and some responses: how reuses are recorded, one by one (each) or together (aggregate);
and the parts of the input that the decision can depend on, with the place where each is read first; or why the decision is
asked for each time, and where.`,
		Example: `  gatepost-decider depends --policy policy
  gatepost-decider depends --policy policy --strict SELECT 'UID FETCH'`,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return outcome(fmt.Errorf("--format: %q is neither text nor json", format))
			}
			p, err := offline.Open(c.Context(), policy, allow)
			if err != nil {
				return outcome(err)
			}
			defer p.Close(c.Context())
			events, err := explain.Events(c.Context(), p)
			if err != nil {
				return outcome(err)
			}
			if len(args) > 0 {
				events = nil
				for _, name := range args {
					events = append(events, explain.Command(name))
				}
			}
			all := make([]*explain.Depends, len(events))
			asked := false
			for i, e := range events {
				if all[i], err = explain.DependsOn(p, e); err != nil {
					return outcome(err)
				}
				asked = asked || all[i].Why != ""
			}
			if format == "json" {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetIndent("", "  ")
				err = out.Encode(all)
			} else {
				err = explain.WriteDepends(c.OutOrStdout(), all)
			}
			if err == nil && strict && asked {
				err = errAsked
			}
			return outcome(err, errAsked)
		},
	}
	fs := c.Flags()
	fs.StringVar(&policy, "policy", "", "`directory` of the policy, or a bundle file (the default policy)")
	fs.StringVar(&format, "format", "text", "`form` of the output: text, json")
	fs.BoolVar(&strict, "strict", false, "fail with exit code 1 if a decision is asked for each time")
	addTools(c, nil, &allow)
	completeWords(c, "format", "text", "json")
	return c
}
