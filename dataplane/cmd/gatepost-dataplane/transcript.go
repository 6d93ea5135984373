package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/dataplane/internal/offline"
	"github.com/gatepost/gatepost/dataplane/internal/transcript"
)

// errDiffers is the outcome of transcripts that do not play as they are written. What differs has been printed.
var errDiffers = errors.New("not every transcript plays as it is written")

func transcriptCommand() *cobra.Command {
	var decider string
	var update bool
	c := &cobra.Command{
		Use:   "transcript --decider ADDRESS FILE...",
		Short: "Play transcripts with a decider's policy, and print what came of each as JSON",
		Long: `Play transcripts of sessions with a decider's policy, without any server or client.

A transcript is a text file that says what the client (C:) and the server (S:) send, and what the policy then
decides (V:). "gatepost-decider test DIR" runs this program with the transcripts of a policy, and prints what it
finds for people to read.

For each file one JSON object is printed, in a line of its own: "file", "sentence", "error" (why it was not played), "differs",
and "steps", each with "line", "input", the output lines "want" and "got", and the "decisions" with their ids and rows.

The exit code is 1 if a transcript differs or was not played.`,
		Example: `  gatepost-dataplane transcript --decider unix:/run/gatepost/decider.sock policy/session.txtar
  gatepost-dataplane transcript --decider unix:/run/gatepost/decider.sock --update policy/session.txtar`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			var outcome error
			err := offline.Transcripts(c.Context(), decider, update, files, func(r transcript.Result) {
				if r.Error != "" || r.Differs && !update {
					outcome = errDiffers
				}
				if err := out.Encode(r); err != nil {
					outcome = err
				}
			})
			if err != nil {
				return err
			}
			return outcome
		},
	}
	c.Flags().StringVar(&decider, "decider", "", "`address` of the decider, unix:/path or host:port, which is asked in the clear")
	c.Flags().BoolVar(&update, "update", false, "write down in the files what comes out")
	_ = c.MarkFlagRequired("decider")
	return c
}
