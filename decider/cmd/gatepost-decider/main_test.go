package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatepost-decider": main})
}

// Each script is a dialogue with the program, as an operator has it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ask": ask, "signal": sendSignal},
		// A unix socket's path must be short, and a script's folder is not.
		Setup: func(e *testscript.Env) error {
			dir, err := os.MkdirTemp("", "gp")
			if err != nil {
				return err
			}
			e.Defer(func() { os.RemoveAll(dir) })
			e.Setenv("SOCKET", dir+"/d.sock")
			return nil
		},
	})
}

// ask asks the decider at a socket about a command until the verdict is as wanted: ask socket command verdict.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: ask socket command verdict")
	}
	conn, err := grpc.NewClient("unix:"+args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	ts.Check(err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	last := errors.New("no answer")
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		resp, err := deciderv1.NewDeciderServiceClient(conn).Decide(ctx, &deciderv1.DecideRequest{Question: &deciderv1.Question{
			Session:      &deciderv1.Session{Id: "s1"},
			ImapStateOld: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
			ImapStateNew: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
			Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: args[1], Known: true}},
		}}, grpc.WaitForReady(true))
		if err == nil && resp.GetDecision().GetRequest().String() == args[2] {
			return
		}
		last = errors.Join(err, errors.New(resp.String()))
	}
	ts.Fatalf("%s: %v", args[1], last)
}

// sendSignal sends a signal to the programs in the background: signal hup|int|term.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	numbers := map[string]os.Signal{"hup": syscall.SIGHUP, "int": syscall.SIGINT, "term": syscall.SIGTERM}
	if neg || len(args) != 1 || numbers[args[0]] == nil {
		ts.Fatalf("usage: signal hup|int|term")
	}
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(numbers[args[0]]))
	}
}
