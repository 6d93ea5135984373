package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/open-policy-agent/opa/v1/util"

	"github.com/gatepost/gatepost/decider/internal/audit"
)

// OPA is OPA's configuration: the file that c names, with the decision log's sinks of c added.
type OPA struct {
	// JSON is what OPA is given.
	JSON []byte
	// Bundles: bundles or discovery bring policy, and not a directory.
	Bundles bool
}

// OPA reads OPA's configuration.
func (c *Config) OPA() (OPA, error) {
	conf := map[string]any{}
	if c.OPAConfig != "" {
		data, err := os.ReadFile(c.OPAConfig)
		if err != nil {
			return OPA{}, fmt.Errorf("config: opa_config: %w", err)
		}
		if err := util.Unmarshal(substitute(data), &conf); err != nil {
			return OPA{}, Problem{File: c.OPAConfig, Text: err.Error()}
		}
	}
	if conf["bundle"] != nil {
		return OPA{}, Problem{File: c.OPAConfig, Field: "bundle", Text: "is OPA's old form, which the lock on builtin functions does not reach; use bundles"}
	}
	o := OPA{Bundles: conf["bundles"] != nil || conf["discovery"] != nil}
	if o.Bundles && c.Policy != "" {
		return OPA{}, Problem{File: c.OPAConfig, Text: "has bundles or discovery, and policy names a directory: only one can bring policy"}
	}
	if err := c.addSinks(conf); err != nil {
		return OPA{}, Problem{File: c.OPAConfig, Field: "decision_logs", Text: err.Error()}
	}
	var err error
	o.JSON, err = json.Marshal(conf)
	return o, err
}

// Candidate is the configuration that c.Shadow is loaded by, without decision logs; nil: there is no candidate.
func (c *Config) Candidate() (*Config, OPA, error) {
	if c.Shadow == (Shadow{}) {
		return nil, OPA{}, nil
	}
	candidate := *c
	candidate.Policy, candidate.OPAConfig, candidate.DecisionLog = c.Shadow.Policy, c.Shadow.OPAConfig, DecisionLog{}
	o, err := candidate.OPA()
	if err != nil {
		return nil, OPA{}, err
	}
	conf := map[string]any{}
	if err := util.Unmarshal(o.JSON, &conf); err != nil {
		return nil, OPA{}, err
	}
	delete(conf, "decision_logs")
	o.JSON, err = json.Marshal(conf)
	return &candidate, o, err
}

// addSinks adds what c.DecisionLog asks for, and defaults for records that are not to be lost.
func (c *Config) addSinks(conf map[string]any) error {
	section, present := conf["decision_logs"]
	if !present && !c.DecisionLog.Console && c.DecisionLog.File == nil {
		return nil
	}
	dl, ok := section.(map[string]any)
	if present && !ok && section != nil {
		return errors.New("is not an object")
	}
	if dl == nil {
		dl = map[string]any{}
	}
	conf["decision_logs"] = dl
	if present {
		if err := nameService(dl, conf["services"]); err != nil {
			return err
		}
	}
	if c.DecisionLog.Console {
		dl["console"] = true
	}
	if f := c.DecisionLog.File; f != nil {
		if dl["plugin"] != nil {
			return errors.New("has a plugin, and decision_log.file is one too: only one can be used")
		}
		plugins, _ := conf["plugins"].(map[string]any)
		if plugins == nil {
			plugins = map[string]any{}
		}
		conf["plugins"] = plugins
		plugins[audit.FilePlugin] = audit.FileConfig(*f)
		dl["plugin"] = audit.FilePlugin
	}
	return reporting(dl)
}

// nameService spells out the service that OPA would send records to unnamed: it does so only as long as there is no other
// sink.
func nameService(dl map[string]any, services any) error {
	if dl["service"] != nil || dl["plugin"] != nil || dl["console"] == true {
		return nil
	}
	var names []any
	switch s := services.(type) {
	case map[string]any:
		for name := range s {
			names = append(names, name)
		}
	case []any:
		for _, e := range s {
			if m, ok := e.(map[string]any); ok {
				names = append(names, m["name"])
			}
		}
	}
	switch len(names) {
	case 0:
		return nil
	case 1:
		dl["service"] = names[0]
		return nil
	}
	return errors.New("names no service, and there is more than one")
}

// reporting sets what the file leaves open. OPA's own defaults wait five minutes before the first upload, and throw away a
// record above 32 KiB, which a long command is.
func reporting(dl map[string]any) error {
	r, ok := dl["reporting"].(map[string]any)
	if !ok && dl["reporting"] != nil {
		return errors.New("reporting is not an object")
	}
	if r == nil {
		r = map[string]any{}
	}
	dl["reporting"] = r
	unset := func(keys ...string) bool {
		for _, k := range keys {
			if r[k] != nil {
				return false
			}
		}
		return true
	}
	if unset("upload_size_limit_bytes") {
		r["upload_size_limit_bytes"] = 1 << 20
	}
	if unset("min_delay_seconds", "max_delay_seconds") {
		r["min_delay_seconds"], r["max_delay_seconds"] = 1, 5
	}
	if unset("buffer_type", "buffer_size_limit_bytes", "buffer_size_limit_events", "max_decisions_per_second") {
		r["buffer_size_limit_bytes"] = 64 << 20
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{[^}]+\}`)

// substitute replaces ${NAME} by the environment's value. One that is not set stays as it is.
func substitute(data []byte) []byte {
	return variable.ReplaceAllFunc(data, func(m []byte) []byte {
		if v, ok := os.LookupEnv(string(m[2 : len(m)-1])); ok {
			return []byte(v)
		}
		return m
	})
}
