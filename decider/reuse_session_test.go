package decider_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// aSession are the questions of an ordinary session: login, list, 5 mailboxes' status, select, 50 headers, a body, a flag, idle, logout.
func aSession(id, user string) (qs []*deciderv1.Question) {
	session := &deciderv1.Session{Id: id, Dataplane: "mx1", Listener: "imaps", Tls: &deciderv1.Tls{Version: "1.3"},
		Client: &deciderv1.Endpoint{Address: "192.0.2.7", Port: uint32(40_000 + len(id))}, ConnectedUnixMs: 1_700_000_000_000 + int64(len(id))}
	old := deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED
	add := func(q *deciderv1.Question) {
		q.Session, q.Ask, q.ImapStateOld, q.ImapStateNew = proto.CloneOf(session), uint64(len(qs)+1), old, old
		qs = append(qs, q)
	}
	command := func(name string, change func(*deciderv1.Command)) {
		c := &deciderv1.Command{Tag: fmt.Append(nil, id, len(qs)), Name: name, Known: true}
		if change != nil {
			change(c)
		}
		add(&deciderv1.Question{Event: &deciderv1.Question_Command{Command: c}})
	}
	capabilities := []string{"IMAP4REV1", "IDLE", "MOVE", "UIDPLUS"}
	add(&deciderv1.Question{Event: &deciderv1.Question_Greeting{Greeting: &deciderv1.Greeting{Name: "OK", Text: []byte(id), Capabilities: capabilities}}})
	login := func(c *deciderv1.Command) { c.User = user }
	command("LOGIN", login)
	c := proto.CloneOf(qs[len(qs)-1].GetCommand())
	add(&deciderv1.Question{Event: &deciderv1.Question_Tagged{Tagged: &deciderv1.Tagged{Response: &deciderv1.Response{Command: c, Name: "OK",
		Capabilities: capabilities}}}})
	session.User, session.Mechanism, old = user, "LOGIN", deciderv1.ImapState_IMAP_STATE_AUTHENTICATED
	command("LIST", func(c *deciderv1.Command) { c.Reference, c.Patterns = new(string), []string{"*"} })
	for i := range 5 {
		command("STATUS", func(c *deciderv1.Command) { c.Mailbox = proto.String(fmt.Sprint(user, i)) })
	}
	command("SELECT", func(c *deciderv1.Command) { c.Mailbox = proto.String("INBOX") })
	session.Mailbox, old = &deciderv1.SelectedMailbox{Name: "INBOX"}, deciderv1.ImapState_IMAP_STATE_SELECTED
	fetch := func(n uint32, item string) {
		command("UID FETCH", func(c *deciderv1.Command) {
			c.Set, c.Items = []*deciderv1.SetRange{{First: n, Last: n}}, []string{"FLAGS", item}
		})
	}
	for i := range uint32(50) {
		fetch(i+1, "BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT)]")
	}
	fetch(50, "BODY[]")
	command("UID STORE", func(c *deciderv1.Command) { c.FlagsOperation, c.Flags = "+", []string{`\Flagged`} })
	command("IDLE", nil)
	command("LOGOUT", nil)
	return qs
}

// Of an ordinary session under the default policy, all questions are answered by decisions for others' sessions once a few were, as long
// as their leases hold.
func TestReuseOfASession(t *testing.T) {
	r := run(t, "", func(c *decider.Config, _ *decider.Options) { c.Policy = "" })
	cache := map[string]map[string]*deciderv1.Decision{} // by event, by key
	sessions := 0
	// What decisions depend on is derived behind the first answers. The bar is 3 questions for a session.
	eventually(t, "a session without a question", func() bool {
		sessions++
		asked := 0
		for _, q := range aSession(fmt.Sprint("session", sessions), fmt.Sprint("user", sessions)) {
			event, ok := reuse.AppendEvent(nil, q)
			if !ok {
				t.Fatalf("no event in %v", q)
			}
			found := false
			for _, d := range cache[string(event)] {
				key, _ := reuse.AppendKey(nil, q, d.GetReuse().GetFields())
				if _, found = cache[string(event)][string(key)]; found {
					break
				}
			}
			if found {
				continue
			}
			resp, err := r.client.Decide(t.Context(), &deciderv1.DecideRequest{Question: q})
			if err != nil {
				t.Fatal(err)
			}
			asked++
			if d := resp.GetDecision(); d.GetReuse() != nil {
				key, _ := reuse.AppendKey(nil, q, d.GetReuse().GetFields())
				if cache[string(event)] == nil {
					cache[string(event)] = map[string]*deciderv1.Decision{}
				}
				cache[string(event)][string(key)] = d
			}
		}
		t.Logf("session %d: %d questions asked", sessions, asked)
		return asked == 0
	})
	if sessions == 1 {
		t.Error("nothing was asked at all")
	}
}

// Whatever names clients make up for commands, what these depend on is derived once.
func TestMadeUpNamesShareADerivation(t *testing.T) {
	admin, get := withAdmin(t)
	r := run(t, "", func(c *decider.Config, _ *decider.Options) {
		admin(c)
		c.Policy = ""
	})
	for i := range 200 {
		if _, err := r.ask(t.Context(), fmt.Sprint("X", i)); err != nil {
			t.Fatal(err)
		}
	}
	if d := r.settled(t, "XYZ"); d.GetReuse() == nil {
		t.Errorf("not reusable: %v", d)
	}
	if _, page := get("/metrics"); !strings.Contains(page, "gatepost_decider_derivation_seconds_count 1\n") {
		t.Error("derived more than once")
	}
}
