package offline

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// A policy answers at its socket, many at once, and says where its rows are.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p.rego")
	text := "package imap.policy\n\nrequest[\"NOOP\"] := [\"IMAP_REQ_POLICY\", \"f\"]\n\nfunctions[\"f\"] := \"IMAP_REQ_DROP\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.WithoutCancel(t.Context()))
	address, stop, err := p.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := deciderv1.NewDeciderServiceClient(conn)
	info, err := client.GetInfo(t.Context(), &deciderv1.GetInfoRequest{})
	if err != nil || info.GetRevision() != p.Revision() {
		t.Errorf("the revision is %q (%v), want %q", info.GetRevision(), err, p.Revision())
	}
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for range 4 {
				a, err := client.Decide(t.Context(), &deciderv1.DecideRequest{Question: &deciderv1.Question{
					Session:      &deciderv1.Session{Id: "s1"},
					ImapStateOld: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
					ImapStateNew: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
					Event:        &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: "NOOP", Known: true}},
				}}, grpc.WaitForReady(true))
				if err != nil || a.GetDecision().GetRequest() != deciderv1.ImapReq_IMAP_REQ_DROP {
					t.Errorf("%v and error %v", a, err)
				}
			}
		})
	}
	asking.Wait()
	for rule, want := range map[string]int{"": 3, "f": 5} {
		if at, line := p.PlaceOf(`request["NOOP"]`, rule); at != file || line != want {
			t.Errorf("rule %q is at %s:%d, want %s:%d", rule, at, line, file, want)
		}
	}
	if at, _ := p.PlaceOf("", ""); at != "" {
		t.Errorf("no row is at %s", at)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "none"), nil); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a directory that is not there: %v", err)
	}
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	if err := os.WriteFile(file, []byte("not one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file that is no bundle: %v", err)
	}
}

// The program is found where it is named, then where the environment says, then in PATH; and nothing is taken in its place.
func TestFindDataplane(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, program)
	if err := os.WriteFile(at, []byte("#!/bin/sh\necho \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(DataplaneVariable, "")
	t.Setenv("PATH", "")
	if d, err := FindDataplane(""); err != ErrNoDataplane {
		t.Errorf("%v and error %v", d, err)
	}
	for _, missing := range []string{filepath.Join(dir, "none"), dir} {
		if d, err := FindDataplane(missing); err == nil {
			t.Errorf("%s is taken for %v", missing, d)
		}
	}
	if d, err := FindDataplane("go run ./x"); err != nil || !slices.Equal(d, Dataplane{"go", "run", "./x"}) {
		t.Errorf("%v and error %v", d, err)
	}
	t.Setenv("PATH", dir)
	if d, err := FindDataplane(""); err != nil || !slices.Equal(d, Dataplane{at}) {
		t.Errorf("%v and error %v", d, err)
	}
	t.Setenv(DataplaneVariable, at)
	d, err := FindDataplane("")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := d.Output(t.Context(), "question", "--", "NOOP"); err != nil || string(out) != "question -- NOOP\n" {
		t.Errorf("%q and error %v", out, err)
	}
}

// What the program says of its failure is the error, but where it gave an answer too.
func TestOutputFails(t *testing.T) {
	d := Dataplane{"/bin/sh", "-c"}
	if _, err := d.Output(t.Context(), "echo why >&2; exit 3"); err == nil || err.Error() != "why" {
		t.Errorf("error %v", err)
	}
	if _, err := d.Output(t.Context(), "exit 3"); err == nil {
		t.Error("a failure without a word is none")
	}
	if out, err := d.Output(t.Context(), "echo answer; exit 1"); err != nil || string(out) != "answer\n" {
		t.Errorf("%q and error %v", out, err)
	}
}
