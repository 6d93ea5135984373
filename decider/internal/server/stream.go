package server

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/gatepost/gatepost/decider/internal/input"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// linger is how long a stream that was told to end is still read, for questions that were on their way.
const linger = 5 * time.Second

var (
	errZeroID = &input.Error{Field: "id", Want: "must not be 0"}
	errSameID = &input.Error{Field: "id", Want: "must not be that of a question without its answer"}
)

type decideStream = grpc.BidiStreamingServer[deciderv1.DecideStreamRequest, deciderv1.DecideStreamResponse]

// exchange is one stream of questions and answers. One goroutine reads questions, another sends answers; the engine's
// workers, which must not wait, put answers between them.
type exchange struct {
	stream  decideStream
	decider Decider
	timeout time.Duration
	// places has one for each question without an answer that was sent. The reader waits for one: so a client that does not
	// take its answers, or asks too much, is not read.
	places chan struct{}
	// answers has room for all that hold places.
	answers chan *deciderv1.DecideStreamResponse

	mu      sync.Mutex
	pending map[uint64]struct{}
	open    int  // questions that hold a place
	shut    bool // no more questions are taken
}

// DecideStream implements deciderv1.DeciderServiceServer.
func (s service) DecideStream(stream decideStream) error {
	most := s.server.cfg.StreamQuestions
	x := &exchange{
		stream:  stream,
		decider: s.decider,
		timeout: s.server.cfg.QuestionTimeout,
		places:  make(chan struct{}, most),
		answers: make(chan *deciderv1.DecideStreamResponse, most),
		pending: make(map[uint64]struct{}),
	}
	read := make(chan error, 1)
	go func() { read <- x.read() }()
	ends := s.server.ends(stream.Context())
	defer ends.age.Stop()
	return x.send(read, ends)
}

// read takes questions until the client has no more, which is no error.
func (x *exchange) read() error {
	ctx := x.stream.Context()
	for {
		m, err := x.stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case x.places <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		x.ask(ctx, m)
	}
}

// ask asks a question that has its place.
func (x *exchange) ask(ctx context.Context, m *deciderv1.DecideStreamRequest) {
	id := m.GetId()
	err := error(nil)
	x.mu.Lock()
	if x.shut {
		x.mu.Unlock()
		return
	}
	x.open++
	_, same := x.pending[id]
	switch {
	case id == 0:
		err = errZeroID
	case same:
		err = errSameID
	case m.GetQuestion() == nil:
		err = errNoQuestion
	default:
		x.pending[id] = struct{}{}
	}
	x.mu.Unlock()
	if err != nil {
		x.answers <- noAnswer(id, err)
		return
	}
	timeout := x.timeout
	if us := m.GetTimeoutUs(); us != 0 && us < uint64(timeout.Microseconds()) {
		timeout = time.Duration(us) * time.Microsecond
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	x.decider.Ask(ctx, m.GetQuestion(), func(d *deciderv1.Decision, err error) {
		cancel()
		a := &deciderv1.DecideStreamResponse{Id: id, Answer: &deciderv1.DecideStreamResponse_Decision{Decision: d}}
		if err != nil {
			a = noAnswer(id, err)
		}
		x.mu.Lock()
		delete(x.pending, id)
		x.mu.Unlock()
		x.answers <- a
	})
}

func noAnswer(id uint64, err error) *deciderv1.DecideStreamResponse {
	return &deciderv1.DecideStreamResponse{Id: id, Answer: &deciderv1.DecideStreamResponse_NoAnswer{
		NoAnswer: &deciderv1.NoAnswer{Code: uint32(Code(err)), Message: err.Error()},
	}}
}

// send sends answers until the client has asked its last question, or was told to end, and all are answered.
func (x *exchange) send(read <-chan error, ends ends) error {
	var (
		result error
		done   bool
		late   <-chan time.Time
	)
	for {
		if done && x.answered() {
			return result
		}
		drain := false
		select {
		case a := <-x.answers:
			if err := x.sendAnswer(a); err != nil {
				return err
			}
		case result = <-read:
			read, done = nil, true
		case <-ends.age.C:
			drain = true
		case <-ends.soon:
			ends.soon, drain = nil, true
		case <-ends.now:
			ends.now, drain = nil, true
		case <-late:
			// The reader may wait for the client as long as it likes; what it gets now is not answered.
			x.mu.Lock()
			x.shut = true
			x.mu.Unlock()
			late, result, done = nil, errEnded, true
		case <-x.stream.Context().Done():
			return status.FromContextError(x.stream.Context().Err()).Err()
		}
		if drain && !done {
			late = time.After(linger)
			if err := x.stream.Send(drainResponse); err != nil {
				return err
			}
		}
	}
}

var drainResponse = &deciderv1.DecideStreamResponse{Answer: &deciderv1.DecideStreamResponse_Drain{Drain: new(deciderv1.Drain)}}

// sendAnswer sends an answer and gives its place free.
func (x *exchange) sendAnswer(a *deciderv1.DecideStreamResponse) error {
	err := x.stream.Send(a)
	x.mu.Lock()
	x.open--
	x.mu.Unlock()
	<-x.places
	return err
}

// answered says if all questions are.
func (x *exchange) answered() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.open == 0
}
