package e2e

import (
	"fmt"
)

// repeat is what a dataplane's log says of a decision that was reused.
type repeat struct{ session, command, tag, decision, of string }

// repeats are the reuses in the bed's log.
func (b *bed) repeats() (found []repeat) {
	for _, r := range records(b.t, b.log.bytes(), map[string]any{"msg": "decision"}) {
		if of, _ := r["repeats"].(string); of != "" {
			text := func(field string) string { s, _ := r[field].(string); return s }
			found = append(found, repeat{text("session"), text("command"), text("tag"), text("decision"), of})
		}
	}
	return found
}

// recorded checks the records of reuses: each names a decision that was made, each reuse that a dataplane has told of is in one, by
// its own id or counted, and none is there for another. A report may come twice; its ids are then the same.
func (j *judge) recorded(reuses []map[string]any) {
	t := j.t
	t.Helper()
	made := map[string]bool{}
	for _, d := range j.decided {
		made[d.decision.GetId()] = true
	}
	byID, counted := map[string]map[string]any{}, map[string]int{}
	for _, r := range reuses {
		id, of := fmt.Sprint(r["decision_id"]), fmt.Sprint(at(r, "custom.reuse.of"))
		if byID[id] != nil {
			continue
		}
		byID[id] = r
		counted[fmt.Sprint(at(r, "input.session.id"))+" "+of] += int(at(r, "custom.reuse.count").(float64))
		if !made[of] || made[id] {
			t.Errorf("record %s is of a reuse of %s, which nobody decided", id, of)
		}
	}
	for _, p := range j.repeats {
		if p.decision == p.of {
			if key := p.session + " " + p.of; counted[key] > 0 {
				counted[key]--
			} else {
				t.Errorf("a reuse was not counted in: %+v", p)
			}
			continue
		}
		r := byID[p.decision]
		if r == nil || at(r, "custom.reuse.of") != p.of || at(r, "input.session.id") != p.session {
			t.Errorf("a reuse is not in the decision log: %+v, %v", p, r)
		} else if tag, _ := at(r, "input.command.tag").(string); p.tag != "" && tag != p.tag {
			t.Errorf("the record of %+v is of %s", p, tag)
		}
	}
}
