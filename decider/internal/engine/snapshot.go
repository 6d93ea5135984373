package engine

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/reuse"
)

// snapshot is the policy in force. It is not changed.
type snapshot struct {
	query    rego.PreparedEvalQuery
	effects  rego.PreparedEvalQuery // of the command
	compiler *ast.Compiler
	revision string
	bundles  map[string]server.BundleInfo
	// reuse has what decisions depend on, as far as it was derived.
	reuse *reuse.Cache
	// fault says why the snapshot cannot decide. Empty: it can.
	fault string
}

// publish is OPA's compiler trigger. It runs while the store is locked for the commit: it must be quick, and must not open
// a transaction.
func (e *Engine) publish(txn storage.Transaction) {
	s := e.snapshot(context.Background(), txn)
	e.current.Store(s)
	if s.fault != "" && len(s.bundles) != 0 {
		e.cfg.Log.Error("policy cannot decide", slog.String("revision", s.revision), slog.String("error", s.fault))
	} else if s.fault == "" {
		e.cfg.Log.Info("policy in force", slog.String("revision", s.revision))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remember(s)
	e.tell()
}

func (e *Engine) snapshot(ctx context.Context, txn storage.Transaction) *snapshot {
	s := &snapshot{compiler: e.manager.GetCompiler(), bundles: map[string]server.BundleInfo{}, reuse: reuse.NewCache(e.cfg.Reuse.Named)}
	names, err := bundle.ReadBundleNamesFromStore(ctx, e.store, txn)
	if err != nil && !storage.IsNotFound(err) {
		s.fault = err.Error()
		return s
	}
	for _, name := range names {
		s.bundles[name] = server.BundleInfo{Revision: e.bundleRevision(ctx, txn, name)}
	}
	if s.revision, err = e.revision(ctx, txn, s.bundles); err != nil {
		s.fault = err.Error()
		return s
	}
	if len(s.compiler.GetRulesExact(entrypoint)) == 0 {
		s.fault = "no rule defines " + entrypoint.String()
		return s
	}
	if denied := e.cfg.Lock.Denied(s.compiler); denied != "" {
		// A second line: the activator's lock is not on bundles of OPA's deprecated single-bundle configuration.
		s.fault = "policy calls " + denied + ", which is not allowed"
		return s
	}
	if s.query, err = e.prepare(ctx, s, txn, entrypoint); err == nil {
		s.effects, err = e.prepare(ctx, s, txn, effects)
	}
	if err != nil {
		s.fault = err.Error()
	}
	return s
}

// prepare prepares a query for a document, which gives it as a value of OPA's.
func (e *Engine) prepare(ctx context.Context, s *snapshot, txn storage.Transaction, document ast.Ref) (rego.PreparedEvalQuery, error) {
	return rego.New(
		rego.ParsedQuery(ast.NewBody(ast.NewExpr(ast.NewTerm(document)))),
		rego.Compiler(s.compiler),
		rego.Store(e.store),
		rego.Transaction(txn),
		rego.StrictBuiltinErrors(true),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(ctx)
}

// bundleRevision is the revision in a bundle's manifest, or else what its server calls it.
func (e *Engine) bundleRevision(ctx context.Context, txn storage.Transaction, name string) string {
	if r, err := bundle.ReadBundleRevisionFromStore(ctx, e.store, txn, name); err == nil && r != "" {
		return r
	}
	etag, err := bundle.ReadBundleEtagFromStore(ctx, e.store, txn, name)
	if err != nil {
		return ""
	}
	return etag
}

// revision names the policy in force: the revisions of all bundles, one as it is, more as name=revision. Each has a hash of what the
// bundle brought behind it, for dataplanes go by it: policy that decides otherwise must not have the same. The revision of a
// directory is such a hash already.
func (e *Engine) revision(ctx context.Context, txn storage.Transaction, bundles map[string]server.BundleInfo) (string, error) {
	parts := make([]string, 0, len(bundles))
	for _, name := range slices.Sorted(maps.Keys(bundles)) {
		revision := bundles[name].Revision
		if e.cfg.Directory == nil {
			content, err := policy.Content(ctx, e.store, txn, name)
			if err != nil {
				return "", err
			}
			revision += "+" + content
		}
		if len(bundles) > 1 {
			revision = name + "=" + revision
		}
		parts = append(parts, revision)
	}
	return strings.Join(parts, ","), nil
}
