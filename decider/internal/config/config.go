package config

import "time"

// Config is the whole file.
type Config struct {
	// Listen is where dataplanes connect: "unix:/path" or "host:port". An empty host is every address. Default:
	// unix:/run/gatepost/decider.sock.
	Listen []string `yaml:"listen"`
	// SocketMode is the mode of unix sockets, in octal. Default: "0660".
	SocketMode string `yaml:"socket_mode"`
	// TLS is for "host:port" listeners. Default: off.
	TLS TLS `yaml:"tls"`
	// Policy is the directory of the administrator's policy, read again when it changes and on SIGHUP. Default: empty, the
	// default policy; or, with bundles or discovery in opa_config, theirs.
	Policy string `yaml:"policy"`
	// OPAConfig is an OPA configuration file. Environment variables in it (${NAME}) are replaced, as OPA does. Default:
	// none.
	OPAConfig string `yaml:"opa_config"`
	// DecisionLog adds sinks to those that opa_config has.
	DecisionLog DecisionLog `yaml:"decision_log"`
	// Audit is the queue between decisions and their log.
	Audit Audit `yaml:"audit"`
	// Evaluation bounds policy.
	Evaluation Evaluation `yaml:"evaluation"`
	// Reuse says if dataplanes may answer equal questions themselves.
	Reuse Reuse `yaml:"reuse"`
	// Shadow is a candidate that decides beside the policy in force, and is not obeyed.
	Shadow Shadow `yaml:"shadow"`
	// Server bounds those who ask.
	Server Server `yaml:"server"`
	// Admin is the listener for metrics and health over HTTP.
	Admin Admin `yaml:"admin"`
	// Shutdown says how the service ends.
	Shutdown Shutdown `yaml:"shutdown"`
	// Tracing sends spans to an OpenTelemetry collector.
	Tracing Tracing `yaml:"tracing"`
	// Log is the log on standard error.
	Log Log `yaml:"log"`
}

// TLS is TLS towards dataplanes. The files are read again when they change.
type TLS struct {
	// Certificate is the PEM file of the chain, leaf first. Default: empty, no TLS.
	Certificate string `yaml:"certificate"`
	// Key is the PEM file of the leaf's private key. Default: empty.
	Key string `yaml:"key"`
	// ClientCA is the PEM file of the authorities that sign dataplanes' certificates. One is then required. Default: empty,
	// none is asked for.
	ClientCA string `yaml:"client_ca"`
}

// DecisionLog is where records of decisions go, beside the service that opa_config may name.
type DecisionLog struct {
	// Console writes them to standard output, one JSON object a line. Default: false.
	Console bool `yaml:"console"`
	// File writes them to a file that is rotated. Default: none.
	File *File `yaml:"file"`
}

// File is a rotated file.
type File struct {
	// Path is the file. Its folder is made if it is not there. Required.
	Path string `yaml:"path"`
	// MaxSizeMB is the size in megabytes at which it is renamed and a new one begun. A record that is longer makes it longer. Default: 100.
	MaxSizeMB int `yaml:"max_size_mb"`
	// MaxBackups is how many renamed files are kept. Default: 0, all.
	MaxBackups int `yaml:"max_backups"`
	// MaxAgeDays is for how many days renamed files are kept. Default: 0, for ever.
	MaxAgeDays int `yaml:"max_age_days"`
	// Compress compresses renamed files with gzip. Default: false.
	Compress bool `yaml:"compress"`
}

// Audit is the queue between decisions and their log.
type Audit struct {
	// Queue is how many records may wait. Default: 4096.
	Queue int `yaml:"queue"`
	// OnFull is "block" (default): a decision waits until its record is in the queue, and is not given if the question's
	// deadline passes first; or "drop": the record is let go, and counted.
	OnFull string `yaml:"on_full"`
	// Sync gives a decision only when its record has been written to the console and the file, so that not even a decider that is
	// killed loses one. Those of OPA's decision_logs.service are in memory until they are sent. Not with on_full "drop". Default: false,
	// a decision is given when its record is in the queue.
	Sync bool `yaml:"sync"`
}

// Evaluation bounds policy.
type Evaluation struct {
	// Deadline is how long one evaluation may take. Then it is a policy error. Default: 100ms.
	Deadline time.Duration `yaml:"deadline"`
	// Workers is how many evaluations run at once. Default: twice the processors.
	Workers int `yaml:"workers"`
	// Queue is how many questions may wait for a worker. One more is RESOURCE_EXHAUSTED. Default: 1024.
	Queue int `yaml:"queue"`
	// Allow are builtin functions that policy may call although they are dangerous: http.send, net.lookup_ip_addr,
	// opa.runtime. Default: none.
	Allow []string `yaml:"allow"`
}

// Reuse says if dataplanes may answer questions themselves that are equal to one that was decided, in all that the decision depends on.
type Reuse struct {
	// Enabled: they may, where policy allows it. Default: true.
	Enabled bool `yaml:"enabled"`
	// Lease is for how long after a decision. It bounds how long a dataplane that does not hear of a new policy goes on by the one
	// before. Policy may say less (data.imap.policy.lease). At most 1h. Default: 5s.
	Lease time.Duration `yaml:"lease"`
	// Verify is the share of reported reuses, from 0 to 1, that are decided anew, beside the questions that wait, to be compared. What
	// differs is an error in the log and in the metric: what decisions depend on was not derived rightly. Default: 0.01.
	Verify float64 `yaml:"verify"`
}

// Shadow is a candidate that decides beside the policy in force. It has one worker and may be late or missing in a record;
// the policy in force waits neither for it nor for its record. One that does not load at the start is logged, and left out.
type Shadow struct {
	// Policy is the candidate's directory, as policy is. Default: empty, none.
	Policy string `yaml:"policy"`
	// OPAConfig has the candidate's bundles or discovery, as opa_config does. Its decision_logs are left out. Default: none.
	OPAConfig string `yaml:"opa_config"`
}

// Server bounds those who ask.
type Server struct {
	// MessageBytes is the size of the largest question. Default: 4194304.
	MessageBytes int `yaml:"message_bytes"`
	// ConcurrentStreams is how many gRPC streams of one connection are open at once, be they calls, DecideStreams or watches. One more
	// waits at its client. At least 100, for a dataplane has decider.streams of them and three more open. Default: 1024.
	ConcurrentStreams int `yaml:"concurrent_streams"`
	// StreamQuestions is how many questions of one stream are answered at once. More are not read until one is. Default: 256.
	StreamQuestions int `yaml:"stream_questions"`
	// ReportReuses is how many reuses of decisions one report may have. Default: 1000.
	ReportReuses int `yaml:"report_reuses"`
	// QuestionTimeout is how long a question waits for its answer at most, whatever it asks for. Default: 5s.
	QuestionTimeout time.Duration `yaml:"question_timeout"`
	// Clients are who may ask: subject alternative names (DNS in lower case, URI, email), one of which the dataplane's
	// certificate must have. They do not bind unix sockets. Default: empty, whoever can connect.
	Clients []string `yaml:"clients"`
	// ConnectionAge is how old a connection gets, so that load spreads over replicas. From 0.72 of it on, new questions take
	// another connection; by its end streams are told to. Default: 10m.
	ConnectionAge time.Duration `yaml:"connection_age"`
	// StreamWorkers is how many goroutines are kept for questions. Default: 64.
	StreamWorkers int `yaml:"stream_workers"`
}

// Admin is the listener for metrics and health over HTTP. Whoever can connect to it may read all that it has.
type Admin struct {
	// Address is "host:port" or "unix:/path"; a unix socket gets socket_mode. An empty host is 127.0.0.1. Default: empty, there is none.
	Address string `yaml:"address"`
	// Profiles shows /debug/pprof also where the address is not a loopback address or a unix socket. Default: false.
	Profiles bool `yaml:"profiles"`
}

// Shutdown says how the service ends.
type Shutdown struct {
	// Wait is how long it goes on to answer after its health turned NOT_SERVING, so that dataplanes notice. Default: 2s.
	Wait time.Duration `yaml:"wait"`
	// Drain is how long questions in flight, and then records that are not written, are waited for. Default: 10s.
	Drain time.Duration `yaml:"drain"`
}

// Tracing sends spans by OTLP: one for each question, with one for its evaluation. They hold no secret. What is left out comes
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
	// ServiceName is the program's name in spans. Default: empty, OTEL_SERVICE_NAME, or else gatepost-decider.
	ServiceName string `yaml:"service_name"`
}

// Log is the log on standard error.
type Log struct {
	// Level is the least level written: "debug" (every decision), "info" (default), "warn" or "error".
	Level string `yaml:"level"`
	// Format is "json" (default) or "text".
	Format string `yaml:"format"`
}
