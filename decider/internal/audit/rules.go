package audit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/util"
)

// rules knows if policy has a say in what is recorded: a rule, or data, where OPA's plugin looks for mask and drop decisions. It looks
// once for each commit to the store, which changes of policy and of data are.
type rules struct {
	manager *plugins.Manager
	// commits is how many there were. It is counted inside of each.
	commits atomic.Uint64
	watched bool // commits are counted

	mu   sync.Mutex
	last looked
}

// looked is what was found, and for what it holds.
type looked struct {
	mask, drop string // where OPA's plugin looks
	commits    uint64
	masks      bool // there may be a mask
	drops      bool // there may be a drop rule
	known      bool
}

// newRules counts commits from now on.
func newRules(m *plugins.Manager, log *slog.Logger) *rules {
	r := &rules{manager: m}
	ctx := context.Background()
	err := storage.Txn(ctx, m.Store, storage.WriteParams, func(txn storage.Transaction) error {
		_, err := m.Store.Register(ctx, txn, storage.TriggerConfig{
			SkipDataConversion: true,
			OnCommit:           func(context.Context, storage.Transaction, storage.TriggerEvent) { r.commits.Add(1) },
		})
		return err
	})
	if err != nil {
		log.Warn("changes of policy cannot be followed, so that each record is written by way of OPA's plugin", slog.Any("error", err))
	}
	r.watched = err == nil
	return r
}

// none says that records are not masked and not dropped by the policy in force, or by one that is later. So a record of a policy with a
// mask is masked: who has its decision saw its commit.
func (r *rules) none(ctx context.Context, c *logs.Config) bool {
	if !r.watched {
		return false
	}
	r.mu.Lock()
	l := r.last
	r.mu.Unlock()
	if !l.known || l.commits != r.commits.Load() || l.mask != *c.MaskDecision || l.drop != *c.DropDecision {
		txn, err := r.manager.Store.NewTransaction(ctx)
		if err != nil {
			return false
		}
		l = r.look(ctx, c, txn)
		r.manager.Store.Abort(ctx, txn)
	}
	return !l.masks && !l.drops
}

// masked says that a record may be masked. txn keeps commits away.
func (r *rules) masked(ctx context.Context, c *logs.Config, txn storage.Transaction) bool {
	r.mu.Lock()
	l := r.last
	r.mu.Unlock()
	if !r.watched || !l.known || l.commits != r.commits.Load() || l.mask != *c.MaskDecision || l.drop != *c.DropDecision {
		l = r.look(ctx, c, txn)
	}
	return l.masks
}

// look looks, while txn keeps commits away, and with them other compilers.
func (r *rules) look(ctx context.Context, c *logs.Config, txn storage.Transaction) looked {
	l := looked{mask: *c.MaskDecision, drop: *c.DropDecision, commits: r.commits.Load(), known: true}
	l.masks, l.drops = r.any(ctx, txn, l.mask), r.any(ctx, txn, l.drop)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = l
	return l
}

// any says if there may be a rule or data at a path, above it or below.
func (r *rules) any(ctx context.Context, txn storage.Transaction, decision string) bool {
	path, ok := storage.ParsePath(util.WithPrefix(decision, "/"))
	if !ok || len(path) == 0 {
		return true
	}
	if len(r.manager.GetCompiler().GetRules(path.Ref(ast.DefaultRootDocument))) != 0 {
		return true
	}
	_, err := r.manager.Store.Read(ctx, txn, path)
	return !storage.IsNotFound(err)
}
