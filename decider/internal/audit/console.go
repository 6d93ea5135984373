package audit

import (
	"encoding/json"
	"io"
	"maps"
	"time"

	"github.com/open-policy-agent/opa/v1/logging"
)

// Console is the logger that OPA's plugin hands records for the console: one JSON object a line, with the fields that
// `opa run` writes, sorted.
type Console struct {
	// Out takes the lines.
	Out io.Writer

	fields map[string]any
}

// WithFields implements logging.Logger.
func (c *Console) WithFields(fields map[string]any) logging.Logger {
	merged := make(map[string]any, len(c.fields)+len(fields)+3)
	maps.Copy(merged, c.fields)
	maps.Copy(merged, fields)
	return &Console{Out: c.Out, fields: merged}
}

// Info implements logging.Logger. It is what records come by.
func (c *Console) Info(message string, _ ...any) {
	fields := maps.Clone(c.fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields["level"], fields["msg"], fields["time"] = "info", message, time.Now().UTC().Format(time.RFC3339Nano)
	line, err := json.Marshal(fields)
	if err != nil {
		line = []byte(`{"level":"error","msg":"decision record cannot be written"}`)
	}
	_, _ = c.Out.Write(append(line, '\n'))
}

// Debug implements logging.Logger. No record comes by it, nor by Warn and Error.
func (c *Console) Debug(string, ...any) {}

// Warn implements logging.Logger.
func (c *Console) Warn(string, ...any) {}

// Error implements logging.Logger.
func (c *Console) Error(string, ...any) {}

// SetLevel implements logging.Logger. Records have no level.
func (c *Console) SetLevel(logging.Level) {}

// GetLevel implements logging.Logger.
func (c *Console) GetLevel() logging.Level { return logging.Info }
