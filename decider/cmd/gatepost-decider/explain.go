package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gatepost/gatepost/decider/internal/explain"
	"github.com/gatepost/gatepost/decider/internal/offline"
)

func explainCommand() *cobra.Command {
	var policy, input, format, dataplane string
	var logs, allow []string
	var trace bool
	asked := pflag.NewFlagSet("question", pflag.ContinueOnError)
	c := &cobra.Command{
		Use:   "explain [flags] COMMAND | DECISION-ID | --input FILE",
		Short: "Say why a policy decides as it does: which row and rule, where, by what input",
		Long: `Say why a policy decides as it does about a command as a client sends it, about a decision of the decision log (--log), or about
an input document (--input).

Told are the verdict, the row and the function that gave it, and where they are written; what each ready rule says, and which of
them decides (*); the rules of the policy that held; the command's effects; the revision; and what the policy saw.

A decision of the log is told as it was recorded. With --policy that policy decides it again, at the time that the record
has, and says so if it is not the one that decided then.`,
		Example: `  gatepost-decider explain --policy policy --user anna --selected INBOX 'UID STORE 7 +FLAGS (\Deleted)'
  gatepost-decider explain --policy policy --client 198.51.100.7 --tls 'LOGIN anna secret'
  gatepost-decider explain --log /var/log/gatepost/decisions.json --policy policy 0197f3a2-5c1e-7b80-b8f2-3c9d1e6a7f10
  gatepost-decider explain --policy policy --input input.json --trace
  gatepost-decider explain --policy policy --format json --user anna 'DELETE Archive' | jq .result`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return outcome(fmt.Errorf("--format: %q is neither text nor json", format))
			}
			one := ""
			if len(args) == 1 {
				one = args[0]
			}
			if (one == "") == (input == "") {
				return outcome(errors.New("either a command, or a decision id with --log, or --input FILE is needed"))
			}
			var p *offline.Policy
			if len(logs) == 0 || c.Flags().Changed("policy") {
				var err error
				if p, err = offline.Open(c.Context(), policy, allow); err != nil {
					return outcome(err)
				}
				defer p.Close(c.Context())
			}
			var x *explain.Explanation
			var err error
			switch {
			case input != "":
				x, err = explain.FromInput(c.Context(), p, input, trace)
			case len(logs) > 0:
				x, err = explain.FromLog(c.Context(), p, logs, one, trace)
			default:
				var d offline.Dataplane
				if d, err = offline.FindDataplane(dataplane); err == nil {
					x, err = explain.FromCommand(c.Context(), p, d, questionArgs(asked, one), trace)
				}
			}
			if err != nil {
				return outcome(err)
			}
			if format == "json" {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetEscapeHTML(false)
				out.SetIndent("", "  ")
				return outcome(out.Encode(x))
			}
			return outcome(x.Write(c.OutOrStdout()))
		},
	}
	fs := c.Flags()
	fs.StringVar(&policy, "policy", "", "`directory` of the policy, or a bundle file (the default policy)")
	fs.StringSliceVar(&logs, "log", nil, "decision log `file`, gzip or not; - is standard input (may be repeated)")
	fs.StringVar(&input, "input", "", "`file` with an input document, as JSON; - is standard input")
	fs.BoolVar(&trace, "trace", false, "add OPA's trace of the evaluation")
	fs.StringVar(&format, "format", "text", "`form` of the output: text, json")
	addTools(c, &dataplane, &allow)
	addQuestion(asked)
	fs.AddFlagSet(asked)
	completeWords(c, "format", "text", "json")
	completeWords(c, "state", "not_authenticated", "authenticated", "selected")
	return c
}

// addQuestion adds the flags that are passed on to `gatepost-dataplane question`, which says what they mean.
func addQuestion(fs *pflag.FlagSet) {
	for name, usage := range map[string]string{
		"state":                  "`state` of the session: not_authenticated, authenticated, selected",
		"user":                   "`name` of the user who is logged in",
		"authorization-identity": "`name` the user acts as, where it is another",
		"mechanism":              "SASL `mechanism` of the login",
		"selected":               "`mailbox` that is selected",
		"delimiter":              "hierarchy `delimiter` of the server (/)",
		"failures":               "`number` of logins that failed",
		"server-name":            "`name` in SNI",
		"client":                 "IP `address` of the client",
		"listener":               "`name` of the listener",
		"connected":              "`time` of the connection, as 2026-03-02T09:00:00Z (now)",
	} {
		fs.String(name, "", usage)
	}
	for name, usage := range map[string]string{
		"enabled":           "`capability` that was enabled (may be repeated)",
		"role":              "special use of a mailbox, `use=mailbox`, as in sent=Sent (may be repeated)",
		"certificate-dns":   "DNS `name` in the client's certificate (may be repeated)",
		"certificate-email": "mail `address` in the client's certificate (may be repeated)",
	} {
		fs.StringArray(name, nil, usage)
	}
	fs.Bool("read-only", false, "the mailbox was opened by EXAMINE")
	fs.Bool("tls", false, "the client's connection is under TLS")
}

// questionArgs are the arguments for a typed command and the flags that were given.
func questionArgs(fs *pflag.FlagSet, command string) (args []string) {
	fs.VisitAll(func(f *pflag.Flag) {
		if !f.Changed {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				args = append(args, "--"+f.Name+"="+v)
			}
			return
		}
		args = append(args, "--"+f.Name+"="+f.Value.String())
	})
	return append(args, "--", command)
}

// completeWords completes a flag's value with words.
func completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
