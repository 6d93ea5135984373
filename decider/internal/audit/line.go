package audit

import (
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/server"

	"github.com/gatepost/gatepost/decider/internal/document"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
)

// lines writes records as lines, without OPA's plugin: what encoding/json makes of what the plugin hands to the file (logs.EventV1) and to
// the console. It remembers what is the same in most records. It is safe for concurrent use.
type lines struct {
	mu      sync.Mutex
	labels  remembered[string]
	bundles remembered[server.BundleInfo]
}

// remembered is a map and its JSON text.
type remembered[V comparable] struct {
	of   map[string]V
	text []byte
}

// json is the text of m, which is shown as that.
func (r *remembered[V]) json(m map[string]V, shown func(map[string]V) any) ([]byte, error) {
	if r.text != nil && maps.Equal(r.of, m) {
		return r.text, nil
	}
	text, err := json.Marshal(shown(m))
	if err != nil {
		return nil, err
	}
	r.of, r.text = m, text
	return text, nil
}

// line is a record on its way to a line.
type line struct {
	document.JSON
	*engine.Answer
	candidate *engine.Shadow
	// What is JSON text already. Empty: there is none.
	labels, bundles, nondeterministic []byte
}

// line begins a line behind to. labels are those of OPA's configuration.
func (l *lines) line(to []byte, a *engine.Answer, candidate *engine.Shadow, labels map[string]string) (n *line, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = &line{JSON: document.JSON{Text: to}, Answer: a, candidate: candidate}
	if n.labels, err = l.labels.json(labels, func(m map[string]string) any { return m }); err != nil {
		return nil, err
	}
	if len(a.Bundles) != 0 {
		if n.bundles, err = l.bundles.json(a.Bundles, bundles); err != nil {
			return nil, err
		}
	}
	if len(a.Nondeterministic) != 0 {
		if n.nondeterministic, err = json.Marshal(a.Nondeterministic); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// file writes the line as the file has it.
func (n *line) file() ([]byte, error) {
	n.BeginObject(nil)
	n.Raw(keyLabels, n.labels)
	n.String(keyDecisionID, n.Decision.GetId())
	document.Text(n, keyTraceID, n.TraceID)
	document.Text(n, keySpanID, n.SpanID)
	n.raw(keyBundles, n.bundles)
	n.Word(keyPath, wordPath)
	if err := n.input(); err != nil {
		return nil, err
	}
	result(n, keyResult, n.Decision)
	n.obeyed()
	n.raw(keyNDCache, n.nondeterministic)
	if f := n.Decision.GetError(); f != nil {
		fault(n, keyError, f)
	}
	if err := n.timestamp(); err != nil {
		return nil, err
	}
	n.metrics()
	custom(n, keyCustom, n.Answer, n.candidate)
	n.EndObject()
	return append(n.Text, '\n'), nil
}

// console writes the line as the console has it: names sorted, the error as text, and when it was written.
func (n *line) console() ([]byte, error) {
	n.BeginObject(nil)
	n.raw(keyBundles, n.bundles)
	custom(n, keyCustom, n.Answer, n.candidate)
	n.String(keyDecisionID, n.Decision.GetId())
	if f := n.Decision.GetError(); f != nil {
		n.String(keyError, faultError{f}.Error())
	}
	if err := n.input(); err != nil {
		return nil, err
	}
	n.raw(keyLabels, n.labels)
	n.Word(keyLevel, wordInfo)
	n.obeyed()
	n.metrics()
	n.Word(keyMsg, wordLog)
	n.raw(keyNDCache, n.nondeterministic)
	n.Word(keyPath, wordPath)
	result(n, keyResult, n.Decision)
	document.Text(n, keySpanID, n.SpanID)
	n.String(keyTime, stamp(time.Now()))
	n.String(keyTimestamp, stamp(n.Time))
	document.Text(n, keyTraceID, n.TraceID)
	n.Word(keyType, wordType)
	n.EndObject()
	return append(n.Text, '\n'), nil
}

// raw writes what is JSON text, if there is any.
func (n *line) raw(name *document.Word, text []byte) {
	if len(text) != 0 {
		n.Raw(name, text)
	}
}

func (n *line) obeyed() {
	if n.Question.GetObserve() {
		obeyed(n, keyMapped, n.Question)
	}
}

func (n *line) metrics() {
	if n.Repeat == nil {
		n.BeginObject(keyMetrics)
		n.Uint(keyTook, uint64(n.Took.Nanoseconds()))
		n.EndObject()
	}
}

// input writes the input document, if there is one: policy may have failed before it was made.
func (n *line) input() error {
	switch {
	case n.Document != nil:
		n.Raw(keyInput, n.Document)
	case n.Input != nil:
		n.Name(keyInput)
		text, err := input.AppendJSON(n.Text, n.Question)
		if err != nil {
			return err
		}
		n.Text = text
	}
	return nil
}

// timestamp writes the time as time.Time marshals itself.
func (n *line) timestamp() error {
	n.Name(keyTimestamp)
	text, err := n.Time.AppendText(append(n.Text, '"'))
	if err != nil {
		return err
	}
	n.Text = append(text, '"')
	return nil
}

// bundles are the bundles as OPA's plugin shows them.
func bundles(m map[string]server.BundleInfo) any {
	shown := make(map[string]logs.BundleInfoV1, len(m))
	for name, b := range m {
		shown[name] = logs.BundleInfoV1{Revision: b.Revision}
	}
	return shown
}
