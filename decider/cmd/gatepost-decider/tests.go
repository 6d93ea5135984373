package main

import (
	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/decider/internal/policytest"
)

func testCommand() *cobra.Command {
	var o policytest.Options
	c := &cobra.Command{
		Use:   "test [flags] DIR",
		Short: "Run the tests of a policy: its Rego tests, and its transcripts of IMAP sessions",
		Long: `Run the tests of a policy: the rules test_* of its files *_test.rego, and its transcripts *.txtar.

A transcript is a session as it would be, and what the policy decides in it. No server and no client is needed:

  DELETE is refused, whoever asks.
  -- session --
  S: * PREAUTH ready
  V: ACCEPT
  C: a1 DELETE Archive
  V: REJECT "folders here are permanent"
  >C a1 NO [NOPERM] folders here are permanent

C: and S: are lines of the client and of the server, V: the decisions on the line above. >S and >C, what then reaches server and
client, are compared if the transcript has such lines anywhere. Write C: and S: lines, let --update write down the rest, and
read it.

The policy is compiled strictly, and against the schema of the input: a misspelt field is an error.

The exit code is 0 if all pass, 1 if a test fails or too little is covered, and 2 if the policy could not be tested.`,
		Example: `  gatepost-decider test policy
  gatepost-decider test --coverage --threshold 100 --junit results.xml policy
  gatepost-decider test --run session.txtar -v policy
  gatepost-decider test --update policy`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.Dir, o.Out = args[0], c.OutOrStdout()
			return outcome(policytest.Run(c.Context(), o), policytest.ErrFailed)
		},
		ValidArgsFunction: directories,
	}
	fs := c.Flags()
	fs.StringVar(&o.Run, "run", "", "run only tests and transcripts whose name matches the regular `expression`")
	fs.BoolVar(&o.Coverage, "coverage", false, "tell which lines of the policy nothing reaches")
	fs.Float64Var(&o.Threshold, "threshold", 0, "fail if less than this `percentage` of lines is reached")
	fs.StringVar(&o.JUnit, "junit", "", "write the results to this `file`, in JUnit's form")
	fs.BoolVarP(&o.Verbose, "verbose", "v", false, "tell of what passes too; without --coverage trace what fails")
	fs.BoolVar(&o.Update, "update", false, "write down in the transcripts what comes out")
	addTools(c, &o.Dataplane, &o.Allow)
	return c
}

// addTools adds the flags that the policy tools share.
func addTools(c *cobra.Command, dataplane *string, allow *[]string) {
	if dataplane != nil {
		c.Flags().StringVar(dataplane, "dataplane", "", "`program` that reads IMAP (gatepost-dataplane beside this one, or in PATH)")
	}
	c.Flags().StringSliceVar(allow, "allow", nil, "builtin `function` that policy may call, as evaluation.allow has it (may be repeated)")
}

// directories completes an argument with the names of directories, the first only.
func directories(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
