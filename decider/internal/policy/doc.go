// Package policy loads policy into OPA's store: from a local directory, or as the activator of OPA's bundle plugin. Either
// way policy is compiled under the same lock on builtin functions and passes the same checks, in the transaction that
// brings it in: what fails them never takes the place of what is there.
//
// A local directory is read as `opa build` reads one: files *.rego, and data.json, data.yaml and data.yml, which
// land below the path of their folder. Files *_test.rego and what begins with a dot are left out; symbolic links are
// followed. The library is added, and where the directory has no package imap.policy so is the default policy. Tables may be
// data, in files below imap/policy; in a directory without rules of that package the tables that data lack are the default ones.
//
// A bundle must hold the library: it was compiled against one, and its revision is to say all that decides.
package policy

import "github.com/open-policy-agent/opa/v1/ast"

// Entrypoint is the document that the decider asks for.
const Entrypoint = "data.imap.main.decision"

var (
	entrypointRef  = ast.MustParseRef(Entrypoint)
	entrypointRoot = "imap/main"
	mainPackage    = ast.MustParseRef("data.imap.main")
	// Tables is the package that administrators write.
	tablesPackage = ast.MustParseRef("data.imap.policy")
)
