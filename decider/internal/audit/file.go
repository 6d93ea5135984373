package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/plugins"
	"github.com/open-policy-agent/opa/v1/plugins/logs"
	"github.com/open-policy-agent/opa/v1/util"
	"gopkg.in/natefinch/lumberjack.v2"
)

// FilePlugin is the name of the file sink in OPA's configuration, under plugins and as decision_logs.plugin.
const FilePlugin = "gatepost_file"

// FileConfig is the file sink's part of OPA's configuration.
type FileConfig struct {
	// Path is the file. Its folder is made if it is not there. Required.
	Path string `json:"path"`
	// MaxSizeMB is the size in megabytes at which the file is renamed and a new one begun. A record that is longer makes
	// it longer. Default: 100.
	MaxSizeMB int `json:"max_size_mb"`
	// MaxBackups is how many renamed files are kept. Default: 0, all.
	MaxBackups int `json:"max_backups"`
	// MaxAgeDays is for how many days renamed files are kept. Default: 0, for ever.
	MaxAgeDays int `json:"max_age_days"`
	// Compress says that renamed files are compressed with gzip. Default: false.
	Compress bool `json:"compress"`
}

// File makes the file sink, and keeps hold of what it collects. OPA's own file logger is not used, for it forgets what
// could not be written.
type File struct{ Spool *Spool }

// Validate implements plugins.Factory.
func (*File) Validate(_ *plugins.Manager, config []byte) (any, error) {
	var c FileConfig
	if err := util.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("audit: plugin %s: %w", FilePlugin, err)
	}
	if c.Path == "" {
		return nil, fmt.Errorf("audit: plugin %s: path is needed", FilePlugin)
	}
	return c, nil
}

// New implements plugins.Factory.
func (f *File) New(m *plugins.Manager, config any) plugins.Plugin {
	m.UpdatePluginStatus(FilePlugin, &plugins.Status{State: plugins.StateNotReady})
	return &filePlugin{manager: m, spool: f.Spool, out: open(config.(FileConfig))}
}

func open(c FileConfig) *rotated {
	return &rotated{&lumberjack.Logger{
		Filename:   c.Path,
		MaxSize:    cmp.Or(c.MaxSizeMB, 100),
		MaxBackups: c.MaxBackups,
		MaxAge:     c.MaxAgeDays,
		Compress:   c.Compress,
	}}
}

// rotated is a rotated file that takes what is longer than a file may get, which lumberjack refuses, however often it is tried. It is not
// safe for concurrent use.
type rotated struct{ *lumberjack.Logger }

// Write implements io.Writer.
func (r *rotated) Write(p []byte) (int, error) {
	const megabyte = 1 << 20
	usual := r.MaxSize
	r.MaxSize = max(usual, (len(p)+megabyte-1)/megabyte)
	defer func() { r.MaxSize = usual }()
	return r.Logger.Write(p)
}

// filePlugin writes one JSON line for each event, of the form that a decision log service is sent.
type filePlugin struct {
	manager *plugins.Manager
	spool   *Spool
	out     *rotated
}

// Start implements plugins.Plugin.
func (p *filePlugin) Start(context.Context) error {
	// An empty write opens the file: a folder that may not be written shows now.
	if _, err := p.out.Write(nil); err != nil {
		return fmt.Errorf("audit: decision log file: %w", err)
	}
	p.spool.use(p.out)
	p.manager.UpdatePluginStatus(FilePlugin, &plugins.Status{State: plugins.StateOK})
	return nil
}

// Stop implements plugins.Plugin.
func (p *filePlugin) Stop(context.Context) {
	_ = p.out.Close()
	p.manager.UpdatePluginStatus(FilePlugin, &plugins.Status{State: plugins.StateNotReady})
}

// Reconfigure implements plugins.Plugin.
func (p *filePlugin) Reconfigure(_ context.Context, config any) {
	old := p.out
	p.out = open(config.(FileConfig))
	p.spool.use(p.out)
	_ = old.Close()
}

// Log implements logs.Logger.
func (p *filePlugin) Log(_ context.Context, e logs.EventV1) error {
	line, err := json.Marshal(e)
	if err != nil {
		return errors.Join(errors.New("audit: decision log file"), err)
	}
	_, err = p.spool.Write(append(line, '\n'))
	return err
}
