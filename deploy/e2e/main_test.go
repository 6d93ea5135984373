package e2e

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	code := m.Run()
	dovecots.stop()
	cyruses.stop()
	if left := leftOver(); code == 0 && len(left) > 0 {
		fmt.Printf("goroutines are left over:\n%s\n", strings.Join(left, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// leftOver waits for goroutines to end, and returns the stacks of those that do not. OPA's file log keeps one for each file
// that it has opened (lumberjack has no end for it).
func leftOver() (stacks []string) {
	buf := make([]byte, 1<<20)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		stacks = slices.DeleteFunc(strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n"), func(s string) bool {
			return strings.Contains(s, "e2e.leftOver(") || strings.Contains(s, "lumberjack")
		})
		if len(stacks) == 0 {
			break
		}
	}
	return stacks
}
