package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// readme is README.md.
func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks are the fenced blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var found []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		found = append(found, m[1])
	}
	if len(found) == 0 {
		t.Fatalf("README.md has no %s block", language)
	}
	return found
}

// start runs the demo on a free port until the test ends.
func start(t *testing.T, policy string) (address, records string, screen *safeBuffer) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	screen = new(safeBuffer)
	type place struct{ address, records string }
	ready := make(chan place, 1)
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, options{
			listen: "127.0.0.1:0", user: "demo", password: "demo", policy: policy,
			ready: func(address, records string) { ready <- place{address, records} },
		}, screen)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	select {
	case p := <-ready:
		return p.address, p.records, screen
	case err := <-done:
		done <- nil
		t.Fatalf("the demo did not start: %v\n%s", err, screen)
	}
	return "", "", nil
}

// TestReadme types what README.md says to type, and compares what it says comes out.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("GATEPOST_NO_SKIP") != "" {
			t.Fatal("curl is not installed")
		}
		t.Skip("curl is not installed")
	}
	policy := ""
	for _, block := range blocks(t, "console") {
		if _, args, ok := strings.Cut(block, "-policy "); ok {
			policy = "../../" + strings.TrimSuffix(strings.Fields(args)[0], "'")
		}
		address, records, screen := start(t, policy)
		typed := 0
		for command := range strings.SplitSeq("\n"+block, "\n$ ") {
			command, want, _ := strings.Cut(command, "\n")
			if command == "" || strings.HasPrefix(command, "make run") {
				continue
			}
			typed++
			out, _ := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(command, "127.0.0.1:1143", address)).CombinedOutput()
			if got := strings.ReplaceAll(string(out), "\r", ""); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
				t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", command, got, want)
			}
		}
		if typed == 0 {
			t.Errorf("a block types nothing:\n%s", block)
		}
		if !strings.Contains(screen.String(), "IMAP_REQ_ACCEPT") {
			t.Errorf("the demo shows no decision:\n%s", screen)
		}
		if policy != "" {
			checkRecord(t, records, blocks(t, "json")[0])
		}
	}
}

// TestReadmePolicy: the policy in README.md is the example that the demo runs.
func TestReadmePolicy(t *testing.T) {
	data, err := os.ReadFile("../examples/permanent-folders/policy.rego")
	if err != nil {
		t.Fatal(err)
	}
	if got := blocks(t, "rego")[0]; got != string(data) {
		t.Errorf("README.md has\n%s\nthe file has\n%s", got, data)
	}
}

// checkRecord looks for a record in the decision log that has all that README.md shows of it; "..." stands for anything.
func checkRecord(t *testing.T, records, shown string) {
	t.Helper()
	var want any
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		t.Fatalf("README.md: %v", err)
	}
	var log []byte
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		log, _ = os.ReadFile(records)
		for s := bufio.NewScanner(bytes.NewReader(log)); s.Scan(); {
			var record any
			if json.Unmarshal(s.Bytes(), &record) == nil && has(record, want) {
				return
			}
		}
	}
	t.Errorf("no record like that in README.md:\n%s", log)
}

func has(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		for k, v := range want {
			ok = ok && has(got[k], v)
		}
		return ok
	case []any:
		got, ok := got.([]any)
		ok = ok && len(got) == len(want)
		for i := range want {
			ok = ok && has(got[i], want[i])
		}
		return ok
	case string:
		got, ok := got.(string)
		if start, any := strings.CutSuffix(want, "..."); any {
			return ok && strings.HasPrefix(got, start)
		}
		return ok && got == want
	}
	return got == want
}
