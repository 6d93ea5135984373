package decider

import (
	"context"
	"fmt"

	"github.com/open-policy-agent/opa/v1/config"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	deciderconfig "github.com/gatepost/gatepost/decider/internal/config"
	"github.com/gatepost/gatepost/decider/internal/policy"
	"github.com/gatepost/gatepost/decider/internal/server"
	"github.com/gatepost/gatepost/rego"
)

// Config is the decider's configuration file.
type Config = deciderconfig.Config

// File is the type of Config.DecisionLog.File.
type File = deciderconfig.File

// DefaultConfig is the configuration of an empty file. It decides by the default policy.
func DefaultConfig() *Config { return deciderconfig.Default() }

// LoadConfig reads a configuration file (empty: none), lets change alter the result (nil: as it is), and validates it. The
// error names file, line and field, one a line for all that is wrong.
func LoadConfig(name string, change func(*Config)) (*Config, error) {
	c, lines := deciderconfig.Default(), deciderconfig.Lines{}
	if name != "" {
		var err error
		if c, lines, err = deciderconfig.Load(name); err != nil {
			return nil, err
		}
	}
	if change != nil {
		change(c)
	}
	if err := c.Validate(lines); err != nil {
		return nil, err
	}
	return c, nil
}

// Check loads all that a valid configuration names, and the policy of a directory, as New does, but starts nothing. The
// revision is the policy's; empty: bundles bring it. The error says what is wrong, by file and line.
func Check(ctx context.Context, cfg *Config) (revision string, err error) {
	if t := cfg.TLS; t.Certificate != "" {
		if _, err := server.TLSFiles(t).Config(); err != nil {
			return "", err
		}
	}
	opa, err := cfg.OPA()
	if err != nil {
		return "", err
	}
	parsed, err := config.ParseConfig(opa.JSON, "check")
	if err != nil {
		return "", fmt.Errorf("decider: %s: %w", cfg.OPAConfig, err)
	}
	if len(parsed.Warnings) != 0 {
		return "", fmt.Errorf("decider: %s: %s", cfg.OPAConfig, parsed.Warnings[0])
	}
	if opa.Bundles {
		return "", nil
	}
	d := directory(cfg)
	d.Store = inmem.New()
	if _, err := d.Load(ctx); err != nil {
		return "", err
	}
	return d.Revision(), nil
}

func directory(cfg *Config) *policy.Directory {
	return &policy.Directory{Library: rego.Bundle, Path: cfg.Policy, Lock: policy.NewLock(cfg.Evaluation.Allow...)}
}
