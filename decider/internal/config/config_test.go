package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// load writes a file and loads it.
func load(t *testing.T, content string) (*Config, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "decider.yaml")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	c, lines, err := Load(name)
	if err != nil {
		return nil, err
	}
	return c, c.Validate(lines)
}

// An empty file is the defaults, and they are valid.
func TestDefault(t *testing.T) {
	for _, content := range []string{"", "# nothing\n", "---\n"} {
		c, err := load(t, content)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q: %+v", content, c)
		}
	}
}

// Every field can be set, file names are relative to the file's folder.
func TestEveryField(t *testing.T) {
	name := filepath.Join(t.TempDir(), "decider.yaml")
	content := `
listen: ["unix:/run/d.sock", "127.0.0.1:7443"]
socket_mode: "0600"
tls: {certificate: tls/c.pem, key: tls/k.pem, client_ca: /etc/ca.pem}
policy: policy
opa_config: opa.yaml
decision_log: {console: true, file: {path: log/d.json, max_size_mb: 1, max_backups: 2, max_age_days: 3, compress: true}}
audit: {queue: 7, on_full: drop, sync: false}
evaluation: {deadline: 1s, workers: 3, queue: 9, allow: [http.send]}
reuse: {enabled: false, lease: 1m, verify: 0.5}
shadow: {policy: next}
admin: {address: '127.0.0.1:9090', profiles: true}
server: {stream_questions: 11, report_reuses: 12, question_timeout: 4s, clients: [mx1], message_bytes: 5, concurrent_streams: 106, connection_age: 1m, stream_workers: 8}
shutdown: {wait: 0s, drain: 3s}
tracing: {protocol: grpc, endpoint: 'http://127.0.0.1:4317', ca: o/ca.pem, certificate: o/c.pem, key: o/k.pem, sample_ratio: 0.25, service_name: policy}
log: {level: debug, format: text}
`
	dir := filepath.Dir(name)
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "policy"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, lines, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(lines); err != nil {
		t.Error(err)
	}
	ratio := .25
	want := &Config{
		Listen:      []string{"unix:/run/d.sock", "127.0.0.1:7443"},
		SocketMode:  "0600",
		TLS:         TLS{dir + "/tls/c.pem", dir + "/tls/k.pem", "/etc/ca.pem"},
		Policy:      dir + "/policy",
		OPAConfig:   dir + "/opa.yaml",
		DecisionLog: DecisionLog{true, &File{dir + "/log/d.json", 1, 2, 3, true}},
		Audit:       Audit{Queue: 7, OnFull: Drop},
		Evaluation:  Evaluation{time.Second, 3, 9, []string{"http.send"}},
		Reuse:       Reuse{false, time.Minute, .5},
		Server:      Server{MessageBytes: 5, ConcurrentStreams: 106, StreamQuestions: 11, ReportReuses: 12, QuestionTimeout: 4 * time.Second, Clients: []string{"mx1"}, ConnectionAge: time.Minute, StreamWorkers: 8},
		Shadow:      Shadow{dir + "/next", ""},
		Admin:       Admin{"127.0.0.1:9090", true},
		Shutdown:    Shutdown{0, 3 * time.Second},
		Tracing:     Tracing{"grpc", "http://127.0.0.1:4317", dir + "/o/ca.pem", dir + "/o/c.pem", dir + "/o/k.pem", &ratio, "policy"},
		Log:         Log{"debug", "text"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

// What is wrong is named by file, line and field.
func TestProblems(t *testing.T) {
	for _, tc := range []struct{ content, want string }{
		{"listn: []\n", "FILE:1: listn: unknown field"},
		{"audit:\n  queue: 1\n  onfull: drop\n", "FILE:3: onfull: unknown field"},
		{"audit: {queue: many}\n", `FILE:1: audit.queue: "many" is not a whole number`},
		{"log:\n  level: info\nevaluation:\n  deadline: soon\n", `FILE:4: evaluation.deadline: "soon" is not a duration such as 100ms or 10m`},
		{"decision_log:\n  console: maybe\n", `FILE:2: decision_log.console: "maybe" is not true or false`},
		{"listen: x\n", `FILE:1: listen: "x" is not a list`},
		{"audit: 3\n", `FILE:1: audit: "3" is not a block of fields`},
		{"a: 1\n b: 2\n", "FILE:2: mapping values are not allowed in this context"},
		{"log: {}\nlog: {}\n", `FILE:2: mapping key "log" already defined at line 1`},
		{"{}\n---\n{}\n", "FILE: holds more than one YAML document"},
		{"listen: []\n", "FILE:1: listen: needed"},
		{"listen:\n  - unix:/a\n  - nowhere\n", `FILE:3: listen[1]: "nowhere" is not host:port or unix:/path`},
		{"listen: [\"unix:\"]\n", "FILE:1: listen[0]: names no path"},
		{"socket_mode: rw\n", `FILE:1: socket_mode: "rw" is not a mode in octal, as 0660`},
		{"\nserver: {clients: [mx1]}\n", "FILE:2: server.clients: needs tls.client_ca"},
		{"\ntls: {certificate: x}\n", "FILE:2: tls: needs both certificate and key, or neither"},
		{"tls:\n  client_ca: x\n", "FILE:2: tls.client_ca: needs certificate and key"},
		{"policy: none\n", "FILE:1: policy: DIR/none is not a directory that can be read"},
		{"decision_log:\n  file: {}\n", "FILE:2: decision_log.file.path: needed"},
		{"decision_log:\n  file: {path: x, max_size_mb: -1}\n", "FILE:2: decision_log.file.max_size_mb: -1 is below 0"},
		{"audit:\n  on_full: wait\n", `FILE:2: audit.on_full: "wait" is not one of block, drop`},
		{"audit:\n  on_full: drop\n  sync: true\n", "FILE:3: audit.sync: a decision cannot wait for its record where on_full is drop"},
		{"audit:\n  queue: 0\n", "FILE:2: audit.queue: 0 is not above 0"},
		{"evaluation:\n  allow: [http.send, time.now_ns]\n", `FILE:2: evaluation.allow[1]: "time.now_ns" is not one of http.send, net.lookup_ip_addr, opa.runtime`},
		{"server: {concurrent_streams: 99}\n", "FILE:1: server.concurrent_streams: 99 is below 100"},
		{"evaluation: {workers: -1}\n", "FILE:1: evaluation.workers: -1 is not above 0"},
		{"evaluation: {deadline: 0s}\n", "FILE:1: evaluation.deadline: 0s is not above 0"},
		{"reuse: {lease: 0s}\n", "FILE:1: reuse.lease: 0s is not from 1ms to 1h0m0s"},
		{"reuse: {lease: 61m}\n", "FILE:1: reuse.lease: 1h1m0s is not from 1ms to 1h0m0s"},
		{"reuse: {verify: 1.5}\n", "FILE:1: reuse.verify: 1.5 is not from 0 to 1"},
		{"shutdown: {wait: -1s}\n", "FILE:1: shutdown.wait: -1s is below 0"},
		{"log: {level: loud}\n", `FILE:1: log.level: "loud" is not debug, info, warn or error`},
		{"log: {format: xml}\n", `FILE:1: log.format: "xml" is not one of json, text`},
	} {
		t.Run(tc.want, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "decider.yaml")
			if err := os.WriteFile(name, []byte(tc.content), 0o644); err != nil {
				t.Fatal(err)
			}
			c, lines, err := Load(name)
			if err == nil {
				err = c.Validate(lines)
			}
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.ReplaceAll(strings.ReplaceAll(err.Error(), name, "FILE"), filepath.Dir(name), "DIR")
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// Without a file, problems name the field alone.
func TestProblemsWithoutFile(t *testing.T) {
	c := Default()
	c.Log.Level = "loud"
	c.Listen = nil
	err := c.Validate(Lines{})
	if want := "config: listen: needed\nconfig: log.level: \"loud\" is not debug, info, warn or error"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, _, err := Load("/none/decider.yaml"); err == nil || err.Error() != "config: open /none/decider.yaml: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// OPA's configuration gets the sinks, and defaults where it says nothing.
func TestOPA(t *testing.T) {
	const reporting = `"reporting":{"buffer_size_limit_bytes":67108864,"max_delay_seconds":5,"min_delay_seconds":1,"upload_size_limit_bytes":1048576}`
	t.Setenv("GATEPOST_TEST_TOKEN", "secret")
	file := DecisionLog{File: &File{Path: "/log/d.json", MaxSizeMB: 3}}
	const filePlugin = `"plugins":{"gatepost_file":{"path":"/log/d.json","max_size_mb":3,"max_backups":0,"max_age_days":0,"compress":false}}`
	for _, tc := range []struct {
		name, opa string
		sinks     DecisionLog
		want      string
		bundles   bool
	}{
		{"nothing", "", DecisionLog{}, `{}`, false},
		{"console", "", DecisionLog{Console: true}, `{"decision_logs":{"console":true,` + reporting + `}}`, false},
		{"file", "", file, `{"decision_logs":{"plugin":"gatepost_file",` + reporting + `},` + filePlugin + `}`, false},
		{"services are not for the log unasked", "services: {a: {url: http://a}}", DecisionLog{Console: true},
			`{"decision_logs":{"console":true,` + reporting + `},"services":{"a":{"url":"http://a"}}}`, false},
		{"the one service goes on beside the console", "services: {a: {url: http://a}}\ndecision_logs: {}", DecisionLog{Console: true},
			`{"decision_logs":{"console":true,` + reporting + `,"service":"a"},"services":{"a":{"url":"http://a"}}}`, false},
		{"the one service, as a list", "services: [{name: a, url: http://a}]\ndecision_logs:", file,
			`{"decision_logs":{"plugin":"gatepost_file",` + reporting + `,"service":"a"},` + filePlugin + `,"services":[{"name":"a","url":"http://a"}]}`, false},
		{"what is set stays", "decision_logs: {service: a, reporting: {upload_size_limit_bytes: 1, min_delay_seconds: 2, max_delay_seconds: 3, buffer_type: event}}", DecisionLog{},
			`{"decision_logs":{"reporting":{"buffer_type":"event","max_delay_seconds":3,"min_delay_seconds":2,"upload_size_limit_bytes":1},"service":"a"}}`, false},
		{"environment", "labels: {token: '${GATEPOST_TEST_TOKEN}', other: '${GATEPOST_TEST_NONE}'}", DecisionLog{},
			`{"labels":{"other":"${GATEPOST_TEST_NONE}","token":"secret"}}`, false},
		{"bundles", "bundles: {a: {resource: x}}", DecisionLog{}, `{"bundles":{"a":{"resource":"x"}}}`, true},
		{"discovery", "discovery: {resource: x}", DecisionLog{}, `{"discovery":{"resource":"x"}}`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Default()
			c.DecisionLog = tc.sinks
			if tc.opa != "" {
				c.OPAConfig = filepath.Join(t.TempDir(), "opa.yaml")
				if err := os.WriteFile(c.OPAConfig, []byte(tc.opa), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := c.OPA()
			if err != nil {
				t.Fatal(err)
			}
			if string(got.JSON) != tc.want || got.Bundles != tc.bundles {
				t.Errorf("got  %s %v\nwant %s %v", got.JSON, got.Bundles, tc.want, tc.bundles)
			}
		})
	}
}

// What cannot work together is refused.
func TestOPAProblems(t *testing.T) {
	for _, tc := range []struct{ opa, policy, want string }{
		{"bundle: {name: x}", "", "FILE: bundle: is OPA's old form"},
		{"bundles: {x: {}}", "/p", "FILE: has bundles or discovery, and policy names a directory"},
		{"decision_logs: 3", "", "FILE: decision_logs: is not an object"},
		{"decision_logs: {reporting: 3}", "", "FILE: decision_logs: reporting is not an object"},
		{"decision_logs: {plugin: other}", "", "FILE: decision_logs: has a plugin, and decision_log.file is one too"},
		{"services: {a: {}, b: {}}\ndecision_logs: {}", "", "FILE: decision_logs: names no service, and there is more than one"},
		{"a: [", "", "FILE: yaml: line 1: did not find expected node content"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			c := Default()
			c.DecisionLog.File = &File{Path: "/log/d.json"}
			c.Policy = tc.policy
			c.OPAConfig = filepath.Join(t.TempDir(), "opa.yaml")
			if err := os.WriteFile(c.OPAConfig, []byte(tc.opa), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := c.OPA()
			if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), c.OPAConfig, "FILE"), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
	c := Default()
	c.OPAConfig = "/none/opa.yaml"
	if _, err := c.OPA(); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
}
