package policy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/storage"
)

// contentPath is where in the store hashes of what bundles brought are kept. What is written in the transaction that brings it in is
// there as long as it is.
var contentPath = storage.MustParsePath("/system/gatepost/content")

// Content is a hash of what a bundle brought; empty: there is none of that name. The revision in a bundle's manifest is whatever its
// maker wrote there, and may stay the same when the content does not.
func Content(ctx context.Context, s storage.Store, txn storage.Transaction, name string) (string, error) {
	v, err := s.Read(ctx, txn, append(slices.Clip(contentPath), name))
	if storage.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case ast.String:
		return string(v), nil
	}
	return "", fmt.Errorf("policy: data%v is a %T", ast.Ref(contentPath.Ref(ast.DefaultRootDocument)), v)
}

// writeContent writes what Content reads.
func writeContent(opts *bundle.ActivateOpts) error {
	if err := storage.MakeDir(opts.Ctx, opts.Store, opts.Txn, contentPath); err != nil {
		return err
	}
	for name, b := range opts.Bundles {
		h := sha256.New()
		if b.Type() == bundle.DeltaBundleType {
			before, err := Content(opts.Ctx, opts.Store, opts.Txn, name)
			if err != nil {
				return err
			}
			fmt.Fprintln(h, before)
		}
		modules := slices.Clone(b.Modules)
		slices.SortFunc(modules, func(a, b bundle.ModuleFile) int { return cmp.Compare(a.Path, b.Path) })
		for _, m := range modules {
			fmt.Fprintf(h, "%q %d\n%s", m.Path, len(m.Raw), m.Raw)
		}
		for _, r := range b.Raw {
			fmt.Fprintf(h, "%q %d\n%s", r.Path, len(r.Value), r.Value)
		}
		if err := json.NewEncoder(h).Encode([]any{b.Data, b.Patch}); err != nil {
			return err
		}
		path := append(slices.Clip(contentPath), name)
		if err := opts.Store.Write(opts.Ctx, opts.Txn, storage.AddOp, path, hex.EncodeToString(h.Sum(nil))[:16]); err != nil {
			return err
		}
	}
	return nil
}
