package transcript

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// parseConfig reads "key: value" lines: what a session's configuration departs from the default in.
func (t *Transcript) parseConfig(name string, first int, text string) error {
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		key, value, ok := strings.Cut(l, ": ")
		if t.judged && ok {
			if known, err := t.Facts.set(key, value); err != nil {
				return fmt.Errorf("%s:%d: %s: %w", name, first+i, key, err)
			} else if known {
				continue
			}
		}
		if !ok || !t.set(key, value) {
			return fmt.Errorf("%s:%d: unknown setting %q", name, first+i, l)
		}
	}
	return nil
}

func (t *Transcript) set(key, value string) bool {
	startTLS := map[string]session.StartTLS{"off": session.StartTLSOff, "offered": session.StartTLSOffered, "required": session.StartTLSRequired}
	n, _ := strconv.Atoi(value)
	c := &t.Config
	switch key {
	case "cut":
		t.WholeOnly = value == "whole"
		return t.WholeOnly
	case "failure":
		modes := map[string]session.FailureMode{"reject": session.FailReject, "abort": session.FailAbort, "accept": session.FailAccept}
		var ok bool
		c.Failure, ok = modes[value]
		return ok
	case "refusal_id":
		c.RefusalID = value == "true"
	case "observe":
		c.Observe = value == "true"
	case "literals":
		c.Literals = value
	case "client_tls":
		c.ClientTLS = value == "true"
	case "server_tls":
		c.ServerTLS = value == "true"
	case "client_starttls":
		c.ClientStartTLS = startTLS[value]
	case "server_starttls":
		c.ServerStartTLS = startTLS[value]
	case "server_id":
		c.ServerID = strings.Split(value, ",")
	case "line":
		c.Limits.Line = n
	case "server_line":
		c.Limits.ServerLine = n
	case "inline_literal":
		c.Limits.InlineLiteral = uint64(n)
	case "literals_per_command":
		c.Limits.Literals = n
	case "command":
		c.Limits.Command = n
	case "message":
		c.Limits.Message = uint64(n)
	case "roles":
		c.Limits.Roles = n
	case "discard":
		c.Limits.Discard = uint64(n)
	case "depth":
		c.Limits.Depth = n
	case "tokens":
		c.Limits.Tokens = n
	case "in_flight":
		c.Limits.InFlight = n
	case "sasl":
		c.Limits.SASL = n
	case "policy_text":
		c.Limits.PolicyText = n
	case "bad_commands_logged_in":
		c.Limits.BadCommandsLoggedIn = n
	case "held":
		c.Limits.Held = n
	case "output":
		c.Limits.Output = n
	case "bad_commands":
		c.Limits.BadCommands = n
	default:
		return false
	}
	return true
}
