package config

import "time"

// Config is the whole file.
type Config struct {
	// Name is the dataplane's name in questions, logs and metrics. Default: the host's name.
	Name string `yaml:"name"`
	// Listeners are where clients connect. At least one.
	Listeners []Listener `yaml:"listeners"`
	// Upstream is the IMAP server, for all listeners that do not name their own.
	Upstream Upstream `yaml:"upstream"`
	// Decider is the service that decides.
	Decider Decider `yaml:"decider"`
	// Limits bound what peers can make the dataplane hold.
	Limits Limits `yaml:"limits"`
	// Timeouts bound how long they can make it wait.
	Timeouts Timeouts `yaml:"timeouts"`
	// Admin is the listener for metrics and health.
	Admin Admin `yaml:"admin"`
	// Log is the log on standard error.
	Log Log `yaml:"log"`
}

// Listener is a place where clients connect.
type Listener struct {
	// Name is the listener's name in questions, logs and metrics. Required, unique.
	Name string `yaml:"name"`
	// Address is where to listen: "host:port", or "unix:/path". An empty host is every address. Required.
	Address string `yaml:"address"`
	// TLS is how clients are met. Default: off.
	TLS ListenerTLS `yaml:"tls"`
	// Failure says what happens to an event on which the decider gives no answer: "reject" (the command gets NO
	// [UNAVAILABLE], a greeting BYE; default), "abort" (BYE) or "accept", which lets everything pass unjudged.
	Failure string `yaml:"failure"`
	// Literals is the capability for non-synchronizing literals (RFC 7888) that clients are offered: "LITERAL+" (default),
	// "LITERAL-" or "none".
	Literals string `yaml:"literals"`
	// Upstream takes the place of Config.Upstream for this listener. Default: absent.
	Upstream *Upstream `yaml:"upstream"`
}

// ListenerTLS is TLS towards clients.
type ListenerTLS struct {
	// Mode is "off" (default); "implicit": the handshake comes first, as on port 993 (RFC 8314); "starttls": nothing but
	// STARTTLS gets a client on (RFC 9051 section 6.2.1); "starttls_optional": it is left to the client.
	Mode string `yaml:"mode"`
	// Certificates are those shown; of several, the first that fits the client's SNI, else the first. Required unless mode is off.
	Certificates []Certificate `yaml:"certificates"`
	// MinVersion is the lowest version taken: "1.2" (default) or "1.3".
	MinVersion string `yaml:"min_version"`
	// ClientCertificates asks clients for a certificate: "off" (default), "optional" (one that is shown must verify) or
	// "required".
	ClientCertificates string `yaml:"client_certificates"`
	// ClientCA is the PEM file of the authorities that sign client certificates. Required unless those are off.
	ClientCA string `yaml:"client_ca"`
}

// Certificate is a certificate with its key.
type Certificate struct {
	// Certificate is the PEM file of the chain, leaf first.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file of the leaf's private key.
	Key string `yaml:"key"`
}

// Upstream is an IMAP server.
type Upstream struct {
	// Address is "host:port" or "unix:/path". Required.
	Address string `yaml:"address"`
	// TLS is how the server is met: "implicit" (default), "starttls" or "off".
	TLS ClientTLS `yaml:"tls"`
}

// Decider is the service that decides.
type Decider struct {
	// Address is "unix:/path", "host:port", or any target of gRPC's name resolution ("dns:///decider:443"). Required.
	Address string `yaml:"address"`
	// TLS is how it is met. Default: off for a unix socket, else implicit. Off must be spelled out for any other address.
	TLS ClientTLS `yaml:"tls"`
	// Deadline is how long a question may take. Then the listener's failure mode answers. Default: 250ms.
	Deadline time.Duration `yaml:"deadline"`
	// InFlight is how many questions may wait for their answer at once, of all sessions. One more gets no answer. Default: 512.
	InFlight int `yaml:"in_flight"`
}

// ClientTLS is TLS where the dataplane connects.
type ClientTLS struct {
	// Mode is "off"; "implicit": the handshake comes first; or, for an IMAP server, "starttls": a server without STARTTLS, or one
	// that starts in PREAUTH, is not used.
	Mode string `yaml:"mode"`
	// CA is the PEM file of the authorities trusted. Default: the system's.
	CA string `yaml:"ca"`
	// ServerName is the name that the certificate must bear. Default: the address's host.
	ServerName string `yaml:"server_name"`
	// InsecureSkipVerify takes any certificate. Default: false.
	InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
	// MinVersion is the lowest version taken: "1.2" (default) or "1.3".
	MinVersion string `yaml:"min_version"`
	// Certificate and Key are PEM files that the dataplane shows when asked. Default: none.
	Certificate string `yaml:"certificate"`
	// Key belongs to Certificate.
	Key string `yaml:"key"`
}

// Admin is the listener for metrics (/metrics, in Prometheus' form) and health (/healthz: the process runs; /readyz: the
// decider is connected). It is for operators only: it has no TLS and asks for no password.
type Admin struct {
	// Address is "host:port". Default: empty, no such listener.
	Address string `yaml:"address"`
}

// Log is the log on standard error.
type Log struct {
	// Level is the least level written: "debug" (every decision), "info" (default: what was refused, sessions), "warn" or
	// "error".
	Level string `yaml:"level"`
	// Format is "json" (default) or "text".
	Format string `yaml:"format"`
}
