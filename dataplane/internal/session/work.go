package session

import (
	"sync"

	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/wire"
)

// work is what a session needs while something happens in it, and gives back when it rests: most sessions rest most of the time.
type work struct {
	parser syntax.Parser
	// asks and events are what the shell has not taken yet, but for the first put and told of them.
	asks      []Ask
	events    []Event
	put, told int
	waiting   []waiting // room for those of a session that has none
	// judgement and under are for a response that nothing has to be asked about.
	judgement judgement
	under     [1]*pending
}

var works = sync.Pool{New: func() any { return new(work) }}

// tools are what the session works with.
func (s *Session) tools() *work {
	if s.work == nil {
		s.work = works.Get().(*work)
		s.work.parser.Scanner.Limits = wire.Limits{Depth: s.cfg.Limits.Depth, Tokens: s.cfg.Limits.Tokens}
		if s.waiting == nil {
			s.waiting, s.work.waiting = s.work.waiting, nil
		}
	}
	return s.work
}

func (s *Session) parser() *syntax.Parser { return &s.tools().parser }

// Rest gives back what the session does not need until something happens. It is called when all questions, events and output were taken.
func (s *Session) Rest() {
	if w := s.work; w != nil && len(w.asks) == 0 && len(w.events) == 0 {
		s.work = nil
		if len(s.waiting) == 0 {
			w.waiting, s.waiting = s.waiting, nil
		}
		w.judgement = judgement{}
		w.under[0] = nil
		works.Put(w)
	}
	if len(s.queue) == 0 {
		s.queue = s.first[:0]
	}
	if len(s.waiting) == 0 {
		s.waiting = nil
	}
	if len(s.client.asm) == 0 {
		s.client.asm = nil
	}
}

// pop takes the first element that was not taken.
func pop[T any](list *[]T, taken *int) (first T, ok bool) {
	if *taken == len(*list) {
		return first, false
	}
	first, (*list)[*taken] = (*list)[*taken], first
	if *taken++; *taken == len(*list) {
		*list, *taken = (*list)[:0], 0
	}
	return first, true
}

// judging is a judgement that is valid until the next, unless own has made it the session's.
func (s *Session) judging(j judgement) *judgement {
	w := s.tools()
	w.judgement = j
	w.judgement.under = w.under[:0]
	return &w.judgement
}

// own makes a judgement one that stays.
func (s *Session) own(j *judgement) *judgement {
	if s.work == nil || j != &s.work.judgement {
		return j
	}
	own := *j
	own.under = append([]*pending(nil), j.under...)
	return &own
}
