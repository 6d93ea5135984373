package policy

import (
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// Dangerous are the builtin functions that policy may not call unless the configuration allows it: they reach the network,
// or show the decider's environment.
func Dangerous() []string { return []string{"http.send", "net.lookup_ip_addr", "opa.runtime"} }

// Lock is what policy may call.
type Lock struct{ capabilities *ast.Capabilities }

// NewLock gives the lock that allows all but the dangerous functions, and of those the ones named.
func NewLock(allow ...string) Lock {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return slices.Contains(Dangerous(), b.Name) && !slices.Contains(allow, b.Name)
	})
	if !slices.Contains(allow, "http.send") {
		// No host, for functions that fetch on the side, as JSON schemas by reference.
		c.AllowNet = []string{}
	}
	return Lock{c}
}

// Denied is a function that a compiled policy calls and the lock does not allow; empty: none.
func (l Lock) Denied(c *ast.Compiler) string {
	for _, used := range c.Required.Builtins {
		if slices.Contains(Dangerous(), used.Name) &&
			!slices.ContainsFunc(l.capabilities.Builtins, func(b *ast.Builtin) bool { return b.Name == used.Name }) {
			return used.Name
		}
	}
	return ""
}

// locks has the lock for each store of a decider. OPA's bundle plugin knows one activator for the whole process, so it must
// tell stores apart.
var (
	locks    sync.Map // storage.Store -> Lock
	register = sync.OnceFunc(func() {
		const id = "gatepost"
		bundle.RegisterActivator(id, activator{})
		// With an activator of its own, OPA asks for a way to make stores too.
		bundle.RegisterStoreFunc(inmem.New)
		bundle.RegisterDefaultBundleActivator(id)
	})
)

// Install puts the lock on every bundle that will be activated in the store, until the returned function is called.
func (l Lock) Install(s storage.Store) (remove func()) {
	register()
	locks.Store(s, l)
	return func() { locks.Delete(s) }
}

// activator is OPA's own, with the lock put on the compiler, and the checks on the result.
type activator struct{}

// Activate implements bundle.Activator.
func (activator) Activate(opts *bundle.ActivateOpts) error {
	opaOwn := new(bundle.DefaultActivator)
	l, ok := locks.Load(opts.Store)
	if !ok {
		return opaOwn.Activate(opts)
	}
	return l.(Lock).activate(opaOwn, opts)
}

// compiling keeps two stores of a process from being compiled at once: OPA 1.22's type checker changes types that all
// compilers share (mergeTypes in v1/ast/env.go).
var compiling sync.Mutex

func (l Lock) activate(a bundle.Activator, opts *bundle.ActivateOpts) error {
	opts.Compiler.WithCapabilities(l.capabilities)
	compiling.Lock()
	err := a.Activate(opts)
	compiling.Unlock()
	if err != nil {
		return refused("", err)
	}
	for name, b := range opts.Bundles {
		if b.Manifest.Roots != nil && bundle.RootPathsContain(*b.Manifest.Roots, entrypointRoot) {
			if len(opts.Compiler.GetRulesExact(entrypointRef)) == 0 {
				return &Error{[]Problem{{Message: "bundle " + name + " lacks the library: it has no " + Entrypoint +
					"; build it from the library and the policy, as in opa build --ignore default.rego rego/imap policy/"}}}
			}
		}
	}
	if err := checkTables(opts.Ctx, opts.Compiler, opts.Store, opts.Txn); err != nil {
		return err
	}
	return writeContent(opts)
}
