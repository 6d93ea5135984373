package engine

import (
	"context"
	"sync"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// job is a question on its way through a worker.
type job struct {
	ctx      context.Context
	question *deciderv1.Question
	answer   Answer
	err      error
	done     chan struct{} // holds one
	// then is called with answer and err in the place of done. Nil: done is used.
	then func(Answer, error)
}

var jobs = sync.Pool{New: func() any { return &job{done: make(chan struct{}, 1)} }}

// Decide evaluates policy on the question. A fault of the policy is an answer. The error is an *input.Error (the question
// breaks the contract), ErrOverload, ErrNotReady, or that of ctx.
func (e *Engine) Decide(ctx context.Context, q *deciderv1.Question) (Answer, error) {
	j := jobs.Get().(*job)
	j.ctx, j.question = ctx, q
	select {
	case e.queue <- j:
	default:
		j.recycle()
		return Answer{}, ErrOverload
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		// The worker still has the job; it is left to the garbage collector.
		return Answer{}, ctx.Err()
	}
	answer, err := j.answer, j.err
	j.recycle()
	return answer, err
}

// Submit is Decide for one who does not wait: a worker calls then, once, and goes on when it returns. The error is ErrOverload,
// and then is not called. A question whose ctx ends while it waits is answered with that when its turn comes.
func (e *Engine) Submit(ctx context.Context, q *deciderv1.Question, then func(Answer, error)) error {
	j := jobs.Get().(*job)
	j.ctx, j.question, j.then = ctx, q, then
	select {
	case e.queue <- j:
		return nil
	default:
		j.recycle()
		return ErrOverload
	}
}

// Waiting is how many questions wait for a worker.
func (e *Engine) Waiting() int { return len(e.queue) }

func (j *job) recycle() {
	*j = job{done: j.done}
	jobs.Put(j)
}

// work evaluates on one goroutine for as long as the engine lives. A goroutine for each question would grow its stack
// anew each time, which costs as much as the evaluation.
func (e *Engine) work() {
	for {
		select {
		case j := <-e.queue:
			if j.err = j.ctx.Err(); j.err == nil {
				j.answer, j.err = e.Evaluate(j.ctx, j.question)
			}
			if j.then == nil {
				j.done <- struct{}{}
				continue
			}
			then, answer, err := j.then, j.answer, j.err
			j.recycle()
			then(answer, err)
		case <-e.stop:
			return
		}
	}
}
