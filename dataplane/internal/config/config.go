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
	// Reuse is how decisions are reused.
	Reuse Reuse `yaml:"reuse"`
	// Limits bound what peers can make the dataplane hold.
	Limits Limits `yaml:"limits"`
	// Timeouts bound how long they can make it wait.
	Timeouts Timeouts `yaml:"timeouts"`
	// BusyPoll is how long an event loop looks for more to do before it sleeps, where it was woken within twice the time when it last slept. An
	// answer comes sooner then, for up to so much processor time that nobody else on the machine had a use for. 0: it sleeps at once.
	// Default: 50µs. At most 1ms.
	BusyPoll time.Duration `yaml:"busy_poll"`
	// Admin is the listener for metrics and health.
	Admin Admin `yaml:"admin"`
	// Tracing sends spans to an OpenTelemetry collector.
	Tracing Tracing `yaml:"tracing"`
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
	// ProxyProtocol is the PROXY protocol, by which a balancer says who the client is. Default: none.
	ProxyProtocol ProxyProtocol `yaml:"proxy_protocol"`
	// Failure says what happens to an event on which the decider gives no answer: "reject" (the command gets NO
	// [UNAVAILABLE], a greeting BYE; default), "abort" (BYE) or "accept", which lets everything pass unjudged.
	Failure string `yaml:"failure"`
	// Observe has the decider asked and its decisions recorded, and obeys none: every command and every response passes, as do faults of
	// policy and missing answers, but what the dataplane itself refuses. Answers are waited for as ever. It is for the first rollout in
	// front of a live server. Default: false.
	Observe bool `yaml:"observe"`
	// Audit says how decisions are recorded: "batched" (default): those that are reused, in batches, behind the fact; or "strict": none
	// is reused, each question is asked, and has its record in the decider before it is obeyed.
	Audit string `yaml:"audit"`
	// Literals is the capability for non-synchronizing literals (RFC 7888) that clients are offered: "LITERAL+" (default),
	// "LITERAL-" or "none".
	Literals string `yaml:"literals"`
	// RefusalID ends what clients are told of a refusal by policy in the id of the decision, by which it is found in the decision log and
	// in the dataplane's own: "NO [NOPERM] folders here are permanent (ref 4ca6...)". Default: false.
	RefusalID bool `yaml:"refusal_id"`
	// Upstream takes the place of Config.Upstream for this listener. Default: absent.
	Upstream *Upstream `yaml:"upstream"`
}

// ProxyProtocol is the PROXY protocol, versions 1 and 2, of those who connect. The header comes first, before TLS.
type ProxyProtocol struct {
	// From are the networks whose connections must begin with a header: "192.0.2.0/24", "2001:db8::1", or "unix" for those over a unix
	// socket. From anywhere else it is not read: there, "PROXY ..." is what any other client's nonsense is. Default: none.
	From []string `yaml:"from"`
}

// ListenerTLS is TLS towards clients.
type ListenerTLS struct {
	// Mode is "off" (default); "implicit": the handshake comes first, as on port 993 (RFC 8314); "starttls": nothing but
	// STARTTLS gets a client on (RFC 9051 section 6.2.1); "starttls_optional": it is left to the client.
	Mode string `yaml:"mode"`
	// Certificates are those shown; of several, the first that fits the client's SNI, else the first. Required unless mode is off.
	// These and all other files of keys, certificates and authorities are loaded again when they change, and on SIGHUP; what
	// cannot be loaded does not take the place of what was.
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
	// ProxyProtocol is the version of the PROXY protocol by which the server is told who the client is, before TLS: "off"
	// (default), "v1" or "v2". Only for a server that expects it.
	ProxyProtocol string `yaml:"proxy_protocol"`
	// ID tells the server the same, and the session's id, by an ID command (RFC 2971) behind its greeting, in the fields that Dovecot
	// believes of its login_trusted_networks: x-originating-ip, x-originating-port, x-connected-ip, x-connected-port, x-session-id
	// and x-proxy-ttl. What clients say in such fields never reaches a server. Default: false.
	ID bool `yaml:"id"`
}

// Decider is the service that decides.
type Decider struct {
	// Address is "unix:/path", "host:port", or any target of gRPC's name resolution ("dns:///decider:443"). Each address that it
	// resolves to is a replica. Required unless there are addresses.
	Address string `yaml:"address"`
	// Addresses are the replicas, each "host:port" or "unix:/path", in place of address.
	Addresses []string `yaml:"addresses"`
	// TLS is how they are met. Default: off for unix sockets, else implicit. Off must be spelled out for any other address. The
	// server_name is, by default, each replica's own host.
	TLS ClientTLS `yaml:"tls"`
	// Deadline is how long a question may take. Then the listener's failure mode answers. Default: 250ms.
	Deadline time.Duration `yaml:"deadline"`
	// InFlight is how many questions may wait for their answer at once, of all sessions. One more gets no answer. Default: 512.
	InFlight int `yaml:"in_flight"`
	// Streams is how many streams carry questions to each replica. 0: each question is a call of its own. Default: 2.
	Streams int `yaml:"streams"`
	// Silence is a part of deadline, between 0 and 1: a replica that has said nothing for so long while a question waits for it is
	// passed over, and the question put to another. Low hides a replica that hangs sooner, high asks less twice. Default: 0.4.
	Silence float64 `yaml:"silence"`
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

// Reuse is how decisions are reused: for questions with the same answer, as long as the decider has said and its policy is in force.
type Reuse struct {
	// Enabled allows it. Default: true.
	Enabled bool `yaml:"enabled"`
	// Memory is the octets of the decisions that are kept, about, of all sessions. Those used least make way. Default: 64MiB.
	Memory Size `yaml:"memory"`
	// Reports bring reuses into the decider's decision log.
	Reports Reports `yaml:"reports"`
}

// Reports bring reuses into the decider's decision log. What waits when the process is killed is lost.
type Reports struct {
	// Batch is how many records are sent at once. Default: 256.
	Batch int `yaml:"batch"`
	// Interval is how long a record waits for others. Default: 1s.
	Interval time.Duration `yaml:"interval"`
	// Aggregate is how long reuses are counted together, of one decision in one session, where the decider allows it. Then, or when the
	// session ends, their record is sent. Default: 10s.
	Aggregate time.Duration `yaml:"aggregate"`
	// Queue is the octets of the records that wait, about. Default: 32MiB.
	Queue Size `yaml:"queue"`
	// OnFull is what happens to a reuse whose record finds no room: "block" (default): the question is asked, and while the decider
	// gives no answer the listener's failure mode applies; "drop": it is not recorded, but counted and logged.
	OnFull string `yaml:"on_full"`
}

// Admin is the listener for metrics (/metrics, in Prometheus' form) and health (/healthz: the process runs; /readyz: the
// decider is connected). It is for operators only: it has no TLS and asks for no password.
type Admin struct {
	// Address is "host:port" or "unix:/path". An empty host is 127.0.0.1. Default: empty, no such listener.
	Address string `yaml:"address"`
	// Profiles shows /debug/pprof also where the address is not a loopback address or a unix socket. Default: false.
	Profiles bool `yaml:"profiles"`
}

// Tracing sends spans by OTLP: one for each command, with those of its questions and of the server's work, and one for each session. They hold no secret. What is left out comes
// from OpenTelemetry's environment variables (OTEL_EXPORTER_OTLP_*, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
// OTEL_BSP_*); headers do in any case.
type Tracing struct {
	// Protocol is "off" (default), "grpc" or "http/protobuf".
	Protocol string `yaml:"protocol"`
	// Endpoint is the collector's URL: "https://collector:4317", or "http://..." for one that is spoken to in the clear. For http/protobuf
	// it has the path, which is most often /v1/traces. Default: empty, OTEL_EXPORTER_OTLP_ENDPOINT, or else this machine.
	Endpoint string `yaml:"endpoint"`
	// CA is the PEM file of the authorities trusted. Default: empty, the system's.
	CA string `yaml:"ca"`
	// Certificate is the PEM file of the certificate shown to the collector. Default: none.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file of its private key. Default: none.
	Key string `yaml:"key"`
	// SampleRatio is the part of traces that is recorded, from 0 to 1; one that another program began follows that. Default: none, what
	// OTEL_TRACES_SAMPLER says, or else all.
	SampleRatio *float64 `yaml:"sample_ratio"`
	// ServiceName is the program's name in spans. Default: empty, OTEL_SERVICE_NAME, or else gatepost-dataplane.
	ServiceName string `yaml:"service_name"`
}

// Log is the log on standard error.
type Log struct {
	// Level is the least level written: "debug" (every decision), "info" (default: what was refused, sessions), "warn" or
	// "error".
	Level string `yaml:"level"`
	// Format is "json" (default) or "text".
	Format string `yaml:"format"`
}

// Limits bound what peers can make the dataplane hold. All are per session but those of sessions.
type Limits struct {
	// Sessions is how many clients are served at once. One more gets BYE; under implicit TLS it is closed. Default: 10000.
	Sessions int `yaml:"sessions"`
	// SessionsBeforeLogin is how many of them may be without login. Default: 2500.
	SessionsBeforeLogin int `yaml:"sessions_before_login"`
	// SessionsPerNetwork is how many of them may come from one client network; those over unix sockets come from none. Default: 1000.
	SessionsPerNetwork int `yaml:"sessions_per_network"`
	// NetworkIPv4 is the length of the prefix that makes a client network. Default: 32.
	NetworkIPv4 int `yaml:"network_ipv4"`
	// NetworkIPv6 is the same for IPv6. Default: 64.
	NetworkIPv6 int `yaml:"network_ipv6"`
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
	// SASL is the octets of a SASL challenge or response, in base64. Default: 16KiB.
	SASL Size `yaml:"sasl"`
	// Discard is the octets of the non-synchronizing literals of a refused command that are read and thrown away. With more
	// the session ends. Default: 16MiB.
	Discard Size `yaml:"discard"`
	// Literals is how many literals a command may have. Default: 64.
	Literals int `yaml:"literals"`
	// Depth is how deep lists may nest. Default: 50.
	Depth int `yaml:"depth"`
	// Tokens is how many tokens a command may have. Default: 10000.
	Tokens int `yaml:"tokens"`
	// InFlight is how many commands may be unanswered. More are read when one is answered. Default: 64.
	InFlight int `yaml:"in_flight"`
	// Held is the octets of memory that unanswered commands may take. More are read when one is answered. Default: 1MiB.
	Held Size `yaml:"held"`
	// Output is the octets that wait for one side before the other is no longer read. Default: 256KiB.
	Output Size `yaml:"output"`
	// BadCommands is how many protocol violations are answered with BAD before login. One more ends the session. Default: 3.
	BadCommands int `yaml:"bad_commands"`
	// BadCommandsLoggedIn is the same after login. Default: 20.
	BadCommandsLoggedIn int `yaml:"bad_commands_logged_in"`
	// Roles is the octets of the names of all mailboxes with a special use (RFC 6154) that the server tells of. With more the session
	// ends: rules that go by special use would miss some. Default: 16KiB.
	Roles Size `yaml:"roles"`
	// PolicyText is the octets of a text from policy. Default: 4KiB.
	PolicyText Size `yaml:"policy_text"`
	// Progress is the octets of a command that a client must send within timeouts.idle so as not to be idle: who trickles a
	// message, one octet a minute, is. Default: 64KiB.
	Progress Size `yaml:"progress"`
}

// Timeouts bound how long peers can make the dataplane wait.
type Timeouts struct {
	// Connect is for connecting to the server, name resolution included. Default: 10s.
	Connect time.Duration `yaml:"connect"`
	// TLSHandshake is for a handshake on either side. Default: 10s.
	TLSHandshake time.Duration `yaml:"tls_handshake"`
	// ProxyHeader is for the header of the PROXY protocol, where there must be one. Default: 5s.
	ProxyHeader time.Duration `yaml:"proxy_header"`
	// Login is from the client's connection to its login. Default: 1m.
	Login time.Duration `yaml:"login"`
	// Idle is how long a session may be silent on both sides after login; see limits.progress for one that nearly is. At least
	// 30m (RFC 9051 section 5.4). Default: 31m.
	Idle time.Duration `yaml:"idle"`
	// Write is how long a peer may take to accept 64KiB. Default: 1m.
	Write time.Duration `yaml:"write"`
	// HalfClosed is how long a session may be silent on both sides once the client has closed its own. Default: 1m.
	HalfClosed time.Duration `yaml:"half_closed"`
	// Drain is how long sessions may go on once another process has taken the listeners over (SIGUSR2); then they are told BYE.
	// Default: 10m.
	Drain time.Duration `yaml:"drain"`
	// DrainOnStop is the same once the dataplane was told to stop (SIGTERM, SIGINT), while nobody is accepted. A second signal
	// ends it. Default: 0s.
	DrainOnStop time.Duration `yaml:"drain_on_stop"`
	// Shutdown is how long sessions get to end once they were told BYE, and their reuses to be recorded: a tenth is kept for that. Default:
	// 10s.
	Shutdown time.Duration `yaml:"shutdown"`
}
