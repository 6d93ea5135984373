package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// version says what was built: "gatepost-dataplane 3f2a... go1.26.8". The commit is "unknown" for a build without version
// control, and has "-dirty" behind it for one of a changed tree.
func version() string {
	settings := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	commit := cmp.Or(settings["vcs.revision"], "unknown")
	if settings["vcs.modified"] == "true" {
		commit += "-dirty"
	}
	return strings.Join([]string{"gatepost-dataplane", commit, runtime.Version()}, " ")
}
