package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider/internal/scaffold"
	"github.com/gatepost/gatepost/deploy/examples"
)

func initCommand() *cobra.Command {
	var from, user string
	templates := scaffold.Templates{Files: examples.Files}
	all, err := templates.All()
	if err != nil {
		panic(err) // they are part of the program
	}
	var list strings.Builder
	var words []string
	for _, t := range all {
		fmt.Fprintf(&list, "  %-18s %s\n", t.Name, t.Title)
		words = append(words, t.Name+"\t"+t.Title)
	}
	c := &cobra.Command{
		Use:   "init [flags] DIR",
		Short: "Write a policy to start from, with its tests",
		Long: `Write a policy to start from into a directory: its story, its rules, its data, its tests, and transcripts that show it at work.
"gatepost-decider test DIR" passes at once.

Policies to start from:
` + list.String(),
		Example: `  gatepost-decider init policy --from read-only-user --user anna
  gatepost-decider init policy --from composed
  gatepost-decider test policy
  gatepost-decider serve --policy policy`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			files, err := templates.Write(args[0], from, user)
			if err != nil {
				return outcome(err)
			}
			out := c.OutOrStdout()
			for _, f := range files {
				fmt.Fprintln(out, "wrote", f)
			}
			fmt.Fprintf(out, "next:\n  gatepost-decider test %[1]s\n  gatepost-decider serve --policy %[1]s\n", args[0])
			return nil
		},
		ValidArgsFunction: directories,
	}
	c.Flags().StringVar(&from, "from", "read-only", "`policy` to start from")
	c.Flags().StringVar(&user, "user", "", "`name` of the user that the policy is about, where it is about one")
	completeWords(c, "from", words...)
	return c
}
