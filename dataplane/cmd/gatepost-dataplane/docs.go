//go:build docs

package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// With the tag docs the program has one command more: it writes its manual pages.
func init() {
	more = append(more, &cobra.Command{
		Use:    "man DIRECTORY",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			c.Root().DisableAutoGenTag = true
			return doc.GenManTree(c.Root(), &doc.GenManHeader{Section: "1", Source: "Gatepost", Manual: "Gatepost"}, args[0])
		},
	})
}
