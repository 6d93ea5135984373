package pep

import (
	"container/heap"
	"sync"
	"time"
)

// epoch is what moments count from.
var epoch = time.Now()

// moment is a time by the clock that nobody sets, in nanoseconds; 0: none. It is a third of a time.Time, of which a session has many.
type moment int64

func now() moment { return moment(time.Since(epoch)) }

func (m moment) add(d time.Duration) moment { return m + moment(d) }

// timers call sessions when their time has come. The runtime has one timer for all of them.
type timers struct {
	mu    sync.Mutex
	queue queue
	timer *time.Timer
}

// set has a session's watch called then, and not when it was to be before.
func (t *timers) set(r *relay, at moment) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.slot == 0 {
		heap.Push(&t.queue, timed{at, r})
	} else {
		i := int(r.slot) - 1
		t.queue[i].at = at
		heap.Fix(&t.queue, i)
	}
	if t.queue[0].relay == r {
		t.rearm()
	}
}

// drop has it not called any more.
func (t *timers) drop(r *relay) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.slot > 0 {
		heap.Remove(&t.queue, int(r.slot)-1)
	}
}

// rearm waits for the first. t.mu is held.
func (t *timers) rearm() {
	in := time.Duration(t.queue[0].at - now())
	if t.timer == nil {
		t.timer = time.AfterFunc(in, t.fire)
	} else {
		t.timer.Reset(in)
	}
}

// fire calls those whose time has come.
func (t *timers) fire() {
	for {
		t.mu.Lock()
		if len(t.queue) == 0 {
			t.mu.Unlock()
			return
		}
		if t.queue[0].at > now() {
			t.rearm()
			t.mu.Unlock()
			return
		}
		r := heap.Pop(&t.queue).(timed).relay
		t.mu.Unlock()
		r.watch()
	}
}

// timed is a session with its time.
type timed struct {
	at    moment
	relay *relay
}

// queue is a heap of them, the first in front.
type queue []timed

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].relay.slot, q[j].relay.slot = int32(i+1), int32(j+1)
}

func (q *queue) Push(x any) {
	*q = append(*q, x.(timed))
	(*q)[len(*q)-1].relay.slot = int32(len(*q))
}

func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	(*q)[len(*q)-1] = timed{}
	*q = (*q)[:len(*q)-1]
	last.relay.slot = 0
	return last
}
