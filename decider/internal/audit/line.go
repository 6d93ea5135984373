package audit

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/server"

	"github.com/gatepost/gatepost/decider/internal/document"
	"github.com/gatepost/gatepost/decider/internal/engine"
	"github.com/gatepost/gatepost/decider/internal/input"
)

// lines writes records as the file has them, octet for octet what encoding/json makes of the event of OPA's plugin (logs.EventV1), without
// the event. It remembers what is the same in most records.
type lines struct {
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

// append appends a record's line. labels are those of OPA's configuration.
func (l *lines) append(to []byte, a *engine.Answer, candidate *engine.Shadow, labels map[string]string) ([]byte, error) {
	j := &document.JSON{Text: to}
	j.BeginObject(nil)
	text, err := l.labels.json(labels, func(m map[string]string) any { return m })
	if err != nil {
		return nil, err
	}
	j.Raw(keyLabels, text)
	j.String(keyDecisionID, a.Decision.GetId())
	document.Text(j, keyTraceID, a.TraceID)
	document.Text(j, keySpanID, a.SpanID)
	if len(a.Bundles) != 0 {
		if text, err = l.bundles.json(a.Bundles, bundles); err != nil {
			return nil, err
		}
		j.Raw(keyBundles, text)
	}
	j.Word(keyPath, wordPath)
	if err := appendInput(j, a); err != nil {
		return nil, err
	}
	result(j, keyResult, a.Decision)
	if a.Question.GetObserve() {
		obeyed(j, keyMapped, a.Question)
	}
	if len(a.Nondeterministic) != 0 {
		if text, err = json.Marshal(a.Nondeterministic); err != nil {
			return nil, err
		}
		j.Raw(keyNDCache, text)
	}
	if f := a.Decision.GetError(); f != nil {
		fault(j, keyError, f)
	}
	if err := timestamp(j, a.Time); err != nil {
		return nil, err
	}
	if a.Repeat == nil {
		j.BeginObject(keyMetrics)
		j.Uint(keyTook, uint64(a.Took.Nanoseconds()))
		j.EndObject()
	}
	custom(j, keyCustom, a, candidate)
	j.EndObject()
	return append(j.Text, '\n'), nil
}

// bundles are the bundles as OPA's plugin shows them.
func bundles(m map[string]server.BundleInfo) any {
	shown := make(map[string]logs.BundleInfoV1, len(m))
	for name, b := range m {
		shown[name] = logs.BundleInfoV1{Revision: b.Revision}
	}
	return shown
}

// appendInput appends the input document, if there is one: policy may have failed before it was made.
func appendInput(j *document.JSON, a *engine.Answer) error {
	switch {
	case a.Document != nil:
		j.Raw(keyInput, a.Document)
	case a.Input != nil:
		j.Name(keyInput)
		text, err := input.AppendJSON(j.Text, a.Question)
		if err != nil {
			return err
		}
		j.Text = text
	}
	return nil
}

// timestamp appends the time as time.Time marshals itself.
func timestamp(j *document.JSON, t time.Time) error {
	j.Name(keyTimestamp)
	j.Text = append(j.Text, '"')
	text, err := t.AppendText(j.Text)
	if err != nil {
		return err
	}
	j.Text = append(text, '"')
	return nil
}
