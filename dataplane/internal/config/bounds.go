package config

import "time"

// Limits bound what peers can make the dataplane hold. All are per session but Sessions.
type Limits struct {
	// Sessions is how many clients are served at once. One more gets BYE. Default: 10000.
	Sessions int `yaml:"sessions"`
	// Line is the octets of a client's line without its literals. Default: 64KiB.
	Line Size `yaml:"line"`
	// ServerLine is the octets of a server's line without its literals. Default: 1MiB.
	ServerLine Size `yaml:"server_line"`
	// InlineLiteral is the octets of the largest literal that policy sees. Default: 8KiB.
	InlineLiteral Size `yaml:"inline_literal"`
	// Command is the octets of a command with the literals that policy sees. Default: 128KiB.
	Command Size `yaml:"command"`
	// Message is the octets of the largest message a client may store. Default: 256MiB.
	Message Size `yaml:"message"`
	// Discard is the octets of the non-synchronizing literals of a refused command that are read and thrown away. With more
	// the session ends. Default: 16MiB.
	Discard Size `yaml:"discard"`
	// Depth is how deep lists may nest. Default: 50.
	Depth int `yaml:"depth"`
	// Tokens is how many tokens a command may have. Default: 10000.
	Tokens int `yaml:"tokens"`
	// InFlight is how many commands may be unanswered. More are read when one is answered. Default: 64.
	InFlight int `yaml:"in_flight"`
	// Output is the octets that wait for one side before the other is no longer read. Default: 256KiB.
	Output Size `yaml:"output"`
	// BadCommands is how many protocol violations are answered with BAD before login. One more ends the session. Default: 3.
	BadCommands int `yaml:"bad_commands"`
	// BadCommandsLoggedIn is the same after login. Default: 20.
	BadCommandsLoggedIn int `yaml:"bad_commands_logged_in"`
	// PolicyText is the octets of a text from policy. Default: 4KiB.
	PolicyText Size `yaml:"policy_text"`
}

// Timeouts bound how long peers can make the dataplane wait.
type Timeouts struct {
	// Connect is for connecting to the server, name resolution included. Default: 10s.
	Connect time.Duration `yaml:"connect"`
	// TLSHandshake is for a handshake on either side. Default: 10s.
	TLSHandshake time.Duration `yaml:"tls_handshake"`
	// Login is from the client's connection to its login. Default: 1m.
	Login time.Duration `yaml:"login"`
	// Idle is how long a session may be silent on both sides after login. At least 30m (RFC 9051 section 5.4). Default: 31m.
	Idle time.Duration `yaml:"idle"`
	// Write is how long a peer may take to accept 64KiB. Default: 1m.
	Write time.Duration `yaml:"write"`
	// HalfClosed is how long a session may be silent on both sides once the client has closed its own. Default: 1m.
	HalfClosed time.Duration `yaml:"half_closed"`
	// Shutdown is how long sessions get to end once the dataplane was told to stop. Default: 10s.
	Shutdown time.Duration `yaml:"shutdown"`
}
