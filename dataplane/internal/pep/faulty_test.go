package pep

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// The kinds of events, as a decider tells them apart.
const (
	atGreeting    = "greeting"
	atCommand     = "command"
	atUntagged    = "untagged"
	atUnsolicited = "unsolicited"
	atTagged      = "tagged"
)

// faulty is a decider over gRPC that accepts everything, but has a fault at one kind of event.
type faulty struct {
	deciderv1.UnimplementedDeciderServiceServer
	t      *testing.T
	socket string

	mu     sync.Mutex
	at     string // ""; no fault
	fault  deciderFault
	server *grpc.Server
}

func (f *faulty) start() {
	f.t.Helper()
	l, err := net.Listen("unix", f.socket)
	if err != nil {
		f.t.Fatal(err)
	}
	s := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(s, f)
	f.mu.Lock()
	f.server = s
	f.mu.Unlock()
	go func() { _ = s.Serve(l) }()
}

func (f *faulty) stop() {
	f.mu.Lock()
	s := f.server
	f.mu.Unlock()
	s.Stop()
}

// recover is the end of the fault.
func (f *faulty) recover() {
	f.mu.Lock()
	f.at = ""
	f.mu.Unlock()
	if f.fault.name == "dies" {
		f.stop()
		f.start()
	}
}

// Decide implements the service. NOOP is the command whose responses are asked about.
func (f *faulty) Decide(ctx context.Context, r *deciderv1.DecideRequest) (*deciderv1.DecideResponse, error) {
	q := r.Question
	d := &deciderv1.Decision{
		Id:      "d1",
		Outcome: deciderv1.Outcome_OUTCOME_POLICY,
		Verdict: &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_ACCEPT},
		Rows:    []*deciderv1.ResponseRow{{Tag: deciderv1.ImapTag_IMAP_TAG_ALL, Name: "*", Verdict: deciderv1.ImapRsp_IMAP_RSP_ACCEPT}},
	}
	kind := atGreeting
	switch {
	case q.GetCommand() != nil:
		d.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}
		if q.GetCommand().Name == "NOOP" {
			kind = atCommand
			d.Rows[0].Verdict = deciderv1.ImapRsp_IMAP_RSP_POLICY
		} else {
			kind = ""
		}
	case q.GetTagged() != nil:
		kind = atTagged
	case q.GetUntagged().GetResponse().GetCommand() != nil:
		kind = atUntagged
	case q.GetUntagged() != nil:
		kind = atUnsolicited
	}
	f.mu.Lock()
	at, fault := f.at, f.fault
	f.mu.Unlock()
	var err error
	if kind != "" && kind == at {
		d, err = fault.do(f, ctx, d)
	}
	return &deciderv1.DecideResponse{Decision: d}, err
}

const deciderDeadline = 250 * time.Millisecond

// deciderFault is something that a decider does wrong with what would have been right. nonsense: it answers, and what it answers ends
// the session; else it gives no answer, in time.
type deciderFault struct {
	name     string
	nonsense bool
	do       func(f *faulty, ctx context.Context, right *deciderv1.Decision) (*deciderv1.Decision, error)
}

var deciderFaults = []deciderFault{
	{"dies", false, func(f *faulty, ctx context.Context, _ *deciderv1.Decision) (*deciderv1.Decision, error) {
		go f.stop()
		<-ctx.Done()
		return nil, ctx.Err()
	}},
	{"hangs", false, func(_ *faulty, ctx context.Context, _ *deciderv1.Decision) (*deciderv1.Decision, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}},
	{"answers late", false, func(_ *faulty, _ context.Context, right *deciderv1.Decision) (*deciderv1.Decision, error) {
		time.Sleep(deciderDeadline + 20*time.Millisecond)
		return right, nil
	}},
	{"answers nothing", true, func(*faulty, context.Context, *deciderv1.Decision) (*deciderv1.Decision, error) { return nil, nil }},
	{"answers with an unknown outcome", true, func(_ *faulty, _ context.Context, right *deciderv1.Decision) (*deciderv1.Decision, error) {
		right.Outcome = 42
		return right, nil
	}},
	{"answers with a verdict on something else", true, func(_ *faulty, _ context.Context, right *deciderv1.Decision) (*deciderv1.Decision, error) {
		if _, is := right.Verdict.(*deciderv1.Decision_Request); is {
			right.Verdict = &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_ACCEPT}
		} else {
			right.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_ACCEPT}
		}
		return right, nil
	}},
	{"answers with a text of two lines", true, func(_ *faulty, _ context.Context, right *deciderv1.Decision) (*deciderv1.Decision, error) {
		if _, is := right.Verdict.(*deciderv1.Decision_Request); is {
			right.Verdict = &deciderv1.Decision_Request{Request: deciderv1.ImapReq_IMAP_REQ_REJECT}
		} else {
			right.Verdict = &deciderv1.Decision_Response{Response: deciderv1.ImapRsp_IMAP_RSP_REWRITE}
		}
		right.Text = []byte("done\r\na9 OK done")
		return right, nil
	}},
}
