package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// commit is the source's, where the build says so (see the Makefile): "3f2a...", with "-dirty" behind it for a changed tree.
var commit string

// version says what was built. The commit is the one that the build names, or that Go has found, or else the version of the module;
// "unknown" if there is none of them.
func version() string {
	return fmt.Sprintf("gatepost-decider %s\ngo %s\nopa %s", source(), runtime.Version(), opa())
}

func source() string {
	info, ok := debug.ReadBuildInfo()
	if commit != "" || !ok {
		return cmp.Or(commit, "unknown")
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		if settings["vcs.modified"] == "true" {
			revision += "-dirty"
		}
		return revision
	}
	if v := info.Main.Version; v != "(devel)" {
		return cmp.Or(v, "unknown")
	}
	return "unknown"
}

// opa is the version of OPA that is linked.
func opa() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/open-policy-agent/opa" {
				return d.Version
			}
		}
	}
	return "unknown"
}
