package checks

import (
	"os"
	"os/exec"
	"testing"
)

// need returns the path of a program, and skips the test where the package that brings it is not installed.
func need(t testing.TB, pkg, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		lack(t, "%s is not installed: apt install %s", program, pkg)
	}
	return path
}

// lack skips the test, or fails it where nothing may be skipped.
func lack(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("GATEPOST_NO_SKIP") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
