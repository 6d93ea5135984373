package decider

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gatepost/gatepost/decider/internal/server"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// roleVariable says what this program is when a test has started it, and socketVariable where; busyVariable is how long an answer takes without a
// decision.
const roleVariable, socketVariable, busyVariable = "GATEPOST_TEST_ROLE", "GATEPOST_TEST_SOCKET", "GATEPOST_TEST_BUSY"

// TestMain lets the test's own program be a decider and a client in processes of their own, as they are in service: in one process, each also waits
// for what the other's collector and scheduler do.
func TestMain(m *testing.M) {
	var err error
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(m.Run())
	case "decider":
		err = beDecider(os.Getenv(socketVariable))
	case "undecided":
		err = beUndecided(os.Getenv(socketVariable), os.Getenv(busyVariable))
	case "asker":
		err = beAsker(os.Getenv(socketVariable))
	default:
		err = errors.New("no role " + role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beDecider serves by the default policy, without a decision log, until its standard input ends.
func beDecider(socket string) error {
	debug.SetGCPercent(400) // as the program does
	cfg := DefaultConfig()
	cfg.Shutdown.Wait = 0
	cfg.Evaluation.Deadline = 10 * time.Second
	d, err := New(context.Background(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go untilTold(cancel)
	return d.Serve(ctx, l)
}

// beUndecided is as busy for each answer as a decision takes, and decides nothing: what of latencies is gRPC's, and the machine's.
func beUndecided(socket, busy string) error {
	d, err := time.ParseDuration(busy)
	if err != nil {
		return err
	}
	s := server.New(serverConfig(DefaultConfig(), slog.New(slog.DiscardHandler)), noDecisions{busy: d})
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go untilTold(s.Stop)
	return s.Serve(l)
}

// untilTold says that it is ready, and stops when the one who has started it ends.
func untilTold(stop func()) {
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop()
}

// noDecisions answers each question with the same, after it was busy for as long as a decision takes.
type noDecisions struct {
	server.Decider
	busy time.Duration
}

// Ask implements server.Decider.
func (n noDecisions) Ask(_ context.Context, _ *deciderv1.Question, done func(*deciderv1.Decision, error)) {
	for begin := time.Now(); time.Since(begin) < n.busy; {
	}
	done(&deciderv1.Decision{Outcome: deciderv1.Outcome_OUTCOME_POLICY}, nil)
}

// latencies are what beAsker prints.
type latencies struct{ P50, P99 time.Duration }

// beAsker asks one question after the other on a stream.
func beAsker(socket string) error {
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	c, q := deciderv1.NewDeciderServiceClient(conn), benchQuestion()
	if _, err := streamed(context.Background(), c, q, 1, 100*time.Millisecond); err != nil { // to be warm
		return err
	}
	took, err := streamed(context.Background(), c, q, 1, 400*time.Millisecond)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(latencies{quantile(took, .5), quantile(took, .99)})
}

// apart starts this program in a role, and gives the socket where it serves.
func apart(tb testing.TB, role string, env ...string) (socket string) {
	tb.Helper()
	socket = filepath.Join(tb.TempDir(), role+".sock")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), roleVariable+"="+role, socketVariable+"="+socket), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		tb.Fatalf("%s: %v", role, err)
	}
	return socket
}

// ask has a client of its own ask there.
func ask(tb testing.TB, socket string) (l latencies) {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=asker", socketVariable+"="+socket)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &l)
	}
	if err != nil || l.P50 == 0 {
		tb.Fatalf("asker: %s, %v", out, err)
	}
	return l
}
