package examples

import "embed"

// Files are the examples, each in its folder: README.md, policy.rego, data below imap, policy_test.rego and transcripts.
//
//go:embed */README.md */*.rego */*.txtar */imap
var Files embed.FS
