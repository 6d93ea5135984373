package config

import (
	"runtime"
	"time"

	"github.com/gatepost/gatepost/proto/tracing"
)

// The values of Audit.OnFull.
const (
	Block = "block"
	Drop  = "drop"
)

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		Listen:     []string{"unix:/run/gatepost/decider.sock"},
		SocketMode: "0660",
		Audit:      Audit{Queue: 4096, OnFull: Block},
		Evaluation: Evaluation{
			Deadline: 100 * time.Millisecond,
			Workers:  2 * runtime.GOMAXPROCS(0),
			Queue:    1024,
		},
		Reuse: Reuse{Enabled: true, Lease: 5 * time.Second, Verify: .01},
		Server: Server{
			MessageBytes:      4 << 20,
			ConcurrentStreams: 1024,
			StreamQuestions:   256,
			ReportReuses:      1000,
			QuestionTimeout:   5 * time.Second,
			ConnectionAge:     10 * time.Minute,
			StreamWorkers:     64,
		},
		Shutdown: Shutdown{Wait: 2 * time.Second, Drain: 10 * time.Second},
		Tracing:  Tracing{Protocol: tracing.Off},
		Log:      Log{Level: "info", Format: "json"},
	}
}
