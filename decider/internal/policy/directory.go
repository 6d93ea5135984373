package policy

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/storage"
)

// BundleName is the bundle that a local directory is activated as.
const BundleName = "policy"

// Directory is a local directory as the source of policy.
type Directory struct {
	// Library is the library, with the default policy.
	Library fs.FS
	// Path is the administrator's directory, or a file that is an OPA bundle, which is taken as it is: its signature is not
	// checked. Empty: the default policy alone.
	Path string
	// Lock is what policy may call.
	Lock Lock
	// Store is where policy goes.
	Store storage.Store

	mu       sync.Mutex
	revision string
	places   places
}

// Load reads the directory and activates what it has, unless that is what is active already. On an error, an *Error, the
// policy that was active stays so.
func (d *Directory) Load(ctx context.Context) (changed bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := load(d.Library, d.Path)
	if err != nil {
		return false, err
	}
	if s.Manifest.Revision == d.revision {
		return false, nil
	}
	if err := d.activate(ctx, &s.Bundle); err != nil {
		var e *Error
		if errors.As(refused(d.Path, err), &e) {
			s.places.fill(e)
		}
		return false, e
	}
	d.revision, d.places = s.Manifest.Revision, s.places
	return true, nil
}

// activate is what OPA's bundle plugin does with a bundle it downloaded.
func (d *Directory) activate(ctx context.Context, b *bundle.Bundle) error {
	params := storage.WriteParams
	params.Context = storage.NewContext()
	return storage.Txn(ctx, d.Store, params, func(txn storage.Transaction) error {
		compiler := ast.NewCompiler().WithPathConflictsCheck(storage.NonEmpty(ctx, d.Store, txn))
		if err := d.Lock.activate(new(bundle.DefaultActivator), &bundle.ActivateOpts{
			Ctx:           ctx,
			Store:         d.Store,
			Txn:           txn,
			TxnCtx:        params.Context,
			Compiler:      compiler,
			Metrics:       metrics.NoOp(),
			Bundles:       map[string]*bundle.Bundle{BundleName: b},
			ParserOptions: ParserOptions(),
		}); err != nil {
			return err
		}
		plugins.SetCompilerOnContext(params.Context, compiler)
		return nil
	})
}

// Revision is the revision that is active; empty if none is.
func (d *Directory) Revision() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.revision
}
