package main

import (
	"github.com/spf13/cobra"

	"github.com/gatepost/gatepost/rego"
)

func schemaCommand() *cobra.Command {
	schemas := map[string][]byte{"input": rego.InputSchema, "result": rego.ResultSchema}
	return &cobra.Command{
		Use:   "schema input|result",
		Short: "Print the JSON schema of what a policy sees, or of what it decides",
		Long: `Print a JSON schema: of the input document, which a policy sees, or of the result, the document data.imap.main.decision.

"opa check" takes the schema of the input from a folder, and then calls a misspelt field an error. "gatepost-decider test" knows
it already.`,
		Example: `  mkdir schemas
  gatepost-decider schema input >schemas/input.json
  gatepost-decider schema result >schemas/result.json`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"input", "result"},
		RunE: func(c *cobra.Command, args []string) error {
			_, err := c.OutOrStdout().Write(schemas[args[0]])
			return err
		},
	}
}
