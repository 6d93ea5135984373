package audit

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/server"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/gatepost/gatepost/decider/internal/document"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
)

// info is a decision as OPA's decision log takes it, for mask and drop rules to see: what lines writes. masked says that there may
// be rules that change input.
func info(a *engine.Answer, candidate *engine.Shadow, masked bool, txn storage.Transaction) (*server.Info, error) {
	i := &server.Info{
		Txn:        txn,
		DecisionID: a.Decision.GetId(),
		Bundles:    a.Bundles,
		Path:       wordPath.String(),
		TraceID:    a.TraceID,
		SpanID:     a.SpanID,
		Timestamp:  a.Time,
	}
	if a.Repeat == nil {
		i.Metrics = took{metrics.NoOp(), a.Took.Nanoseconds()}
	}
	var err error
	if i.Input, i.InputAST, err = inputs(a, masked); err != nil {
		return nil, err
	}
	i.Results = asMaps(func(w document.Writer) { result(w, nil, a.Decision) })
	if a.Question.GetObserve() {
		i.MappedResults = asMaps(func(w document.Writer) { obeyed(w, nil, a.Question) })
	}
	if f := a.Decision.GetError(); f != nil {
		i.Error = faultError{f}
	}
	if len(a.Nondeterministic) != 0 {
		var c any = a.Nondeterministic
		i.NDBuiltinCache = &c
	}
	if c := asMaps(func(w document.Writer) { custom(w, nil, a, candidate) }); c != nil {
		i.Custom = (*c).(map[string]any)
	}
	return i, nil
}

// asMaps is what is written as maps and slices, which masks can change; nil: nothing is.
func asMaps(write func(document.Writer)) *any {
	var m document.Maps
	write(&m)
	v := m.Value()
	if v == nil {
		return nil
	}
	return &v
}

// inputs is the input document in both forms that OPA's plugin takes; nil: there is none.
func inputs(a *engine.Answer, masked bool) (*any, ast.Value, error) {
	terms := a.Input
	var err error
	if terms == nil && a.Document != nil {
		if terms, err = input.Build(a.Question); err != nil {
			return nil, nil, err
		}
	}
	if terms == nil {
		return nil, nil, nil
	}
	var doc any
	if masked {
		// Masks change maps and slices in place, and leave all else as it is without a word.
		doc, err = ast.JSON(terms)
	} else {
		doc, err = text(a)
	}
	return &doc, terms, err
}

// text is the input document as JSON.
func text(a *engine.Answer) (json.RawMessage, error) {
	if a.Document != nil {
		return a.Document, nil
	}
	return input.AppendJSON(make([]byte, 0, usual), a.Question)
}

// usual is more than most input documents take, in octets.
const usual = 1 << 10

// took is a decision's only metric.
type took struct {
	metrics.Metrics
	ns int64
}

// All implements metrics.Metrics.
func (t took) All() map[string]any { return map[string]any{keyTook.String(): t.ns} }
