// Package rego holds Gatepost's policy library and default policy as Rego files. The programs that use them find them
// here, so that a decider is one file; README.md says what is in them.
package rego

import "embed"

// Bundle is the library and, below imap/policy, the default policy, laid out as an OPA bundle without tests. A decider whose
// administrator supplies a package imap.policy leaves the default policy out.
//
//go:embed .manifest
//go:embed imap/imap.rego
//go:embed imap/account/account.rego
//go:embed imap/defaults/capability.rego
//go:embed imap/defaults/request.rego
//go:embed imap/defaults/response.rego
//go:embed imap/effects/append.rego
//go:embed imap/effects/effects.rego
//go:embed imap/effects/fetch.rego
//go:embed imap/effects/search.rego
//go:embed imap/effects/session.rego
//go:embed imap/effects/store.rego
//go:embed imap/effects/table.rego
//go:embed imap/lookup/capability.rego
//go:embed imap/lookup/needs.rego
//go:embed imap/lookup/request.rego
//go:embed imap/lookup/response.rego
//go:embed imap/mailbox/confined.rego
//go:embed imap/mailbox/encoded.rego
//go:embed imap/mailbox/mailbox.rego
//go:embed imap/mailbox/role.rego
//go:embed imap/main/main.rego
//go:embed imap/policy/default.rego
//go:embed imap/ready/accounts.rego
//go:embed imap/ready/agent.rego
//go:embed imap/ready/commands.rego
//go:embed imap/ready/folders.rego
//go:embed imap/ready/hold.rego
//go:embed imap/ready/hours.rego
//go:embed imap/ready/moved.rego
//go:embed imap/ready/network.rego
//go:embed imap/ready/oauth.rego
//go:embed imap/ready/quiet.rego
//go:embed imap/ready/read_only.rego
//go:embed imap/ready/ready.rego
//go:embed imap/ready/sent.rego
//go:embed imap/ready/size.rego
//go:embed imap/ready/tls.rego
var Bundle embed.FS

// InputSchema is the JSON schema of the input document, for opa check --schema.
//
//go:embed schemas/input.json
var InputSchema []byte

// ResultSchema is the JSON schema of a well-formed decision, data.imap.main.decision. The decider checks more: the texts.
//
//go:embed schemas/result.json
var ResultSchema []byte
