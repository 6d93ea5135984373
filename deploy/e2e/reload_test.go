package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/decider"
)

// longLease is for tests in which time makes no difference.
func longLease(c *decider.Config) { c.Reuse.Lease = time.Hour }

// policyDir is a policy directory whose one file changes.
type policyDir struct {
	t    testing.TB
	path string
}

func newPolicyDir(t testing.TB, text string) *policyDir {
	p := &policyDir{t, t.TempDir()}
	p.write(text)
	return p
}

// write replaces the policy in one step.
func (p *policyDir) write(text string) {
	p.t.Helper()
	next := filepath.Join(p.path, "next")
	must(p.t, os.WriteFile(next, []byte(text), 0o644))
	must(p.t, os.Rename(next, filepath.Join(p.path, "policy.rego")))
}

// change replaces the policy, and waits until the beds' dataplanes have heard of the new revision.
func (p *policyDir) change(text string, beds ...*bed) {
	p.t.Helper()
	before := revision(p.t, beds[0].dataplane)
	p.write(text)
	for _, b := range beds {
		for end := time.Now().Add(patience); revision(p.t, b.dataplane) == before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				p.t.Fatal("no new revision")
			}
		}
	}
}

// revision is the one in force; empty: none has been told.
func revision(t testing.TB, d *dataplane.Dataplane) string {
	t.Helper()
	rs := d.Revisions()
	if len(rs) == 0 {
		return ""
	}
	return rs[0].Revision
}

// generation is a policy that answers NOOP with a number.
func generation(n int64) string {
	return fmt.Sprintf(`package imap.policy

import data.imap.defaults

request.NOOP := ["IMAP_REQ_RESPOND", "OK generation %d", []]

request["*"] := defaults.verdict

response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"
`, n)
}

// From the moment on at which a new revision has been announced no older answer is used, in no session.
func TestNewRevision(t *testing.T) {
	policy := newPolicyDir(t, generation(0))
	b := newBed(t, setup{judge: newJudge(t, policy.path, longLease), altered: true})
	var told atomic.Int64
	stop, commands := make(chan struct{}), atomic.Int64{}
	var sessions sync.WaitGroup
	for range 3 {
		c := b.connect()
		c.login(b.user)
		sessions.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					c.logout()
					return
				default:
				}
				from, of := told.Load(), int64(0)
				answer := c.do(fmt.Sprintf("n%d NOOP", i))
				if _, err := fmt.Sscanf(answer, "OK generation %d", &of); err != nil || of < from {
					t.Errorf("%q though %d was announced", answer, from)
				}
				commands.Add(1)
			}
		})
	}
	for n := range int64(8) {
		for before := commands.Load(); commands.Load() < before+60 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		policy.change(generation(n+1), b)
		told.Store(n + 1)
	}
	close(stop)
	sessions.Wait()
	if n := len(b.repeats()); int64(n) < commands.Load()/2 {
		t.Errorf("%d of %d commands were reuses", n, commands.Load())
	}
}

// byUser is a policy that varies by user and mailbox, at random.
func byUser(r *rand.Rand, users, mailboxes []string) string {
	var b strings.Builder
	b.WriteString(`package imap.policy

import data.imap.defaults

request["*"] := defaults.verdict

request.NOOP := "IMAP_REQ_ACCEPT"

response["*"]["*"]["*"] := "IMAP_RSP_ACCEPT"

response.LIST.UNTAGGED.LIST := ["IMAP_RSP_POLICY", "list"]

default functions.list := "IMAP_RSP_ACCEPT"

functions.list := "IMAP_RSP_DROP" if input.response.args[2] in secret[input.session.user]

default functions.named := "IMAP_REQ_ACCEPT"

functions.named := ["IMAP_REQ_REJECT", sprintf("%s is not yours", [input.command.mailbox])] if {
	input.command.mailbox in secret[input.session.user]
}

default functions.selected := "IMAP_REQ_ACCEPT"

functions.selected := ["IMAP_REQ_REJECT", "not here"] if input.session.mailbox.name in secret[input.session.user]

reason := "read-only" if input.session.mailbox.read_only
`)
	for _, command := range []string{"STATUS", "SELECT", "EXAMINE", "DELETE", "SUBSCRIBE", "CREATE"} {
		fmt.Fprintf(&b, "\nrequest.%s := [\"IMAP_REQ_POLICY\", \"named\"]\n", command)
	}
	for _, command := range []string{"FETCH", "SEARCH", "STORE", "EXPUNGE", "CHECK"} {
		row := `["IMAP_REQ_POLICY", "selected"]`
		if r.IntN(3) == 0 {
			row = `"IMAP_REQ_REJECT"`
		}
		fmt.Fprintf(&b, "\nrequest.%s := %s\n", command, row)
	}
	b.WriteString("\nsecret := {\n")
	for _, u := range users {
		fmt.Fprintf(&b, "\t%q: {\"none\"", u)
		for _, m := range mailboxes {
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, ", %q", m)
			}
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// judged is what was obeyed on each command, by tag, as the dataplane's log has it.
func (b *bed) judged() map[string]string {
	found := map[string]string{}
	for _, r := range records(b.t, b.log.bytes(), map[string]any{"msg": "decision", "kind": "command"}) {
		found[fmt.Sprint(r["tag"])] += fmt.Sprintln(r["command"], r["verdict"], r["row"], r["rule"], r["reason"], r["revision"])
	}
	return found
}

// With reuse and without, random commands of several users are judged alike, under policies that vary by user and mailbox and change in
// between.
func TestReuseAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	users, mailboxes := []string{newUser(), newUser(), newUser()}, []string{"INBOX", "Work", "Home", "Trash2"}
	policy := newPolicyDir(t, byUser(r, users, mailboxes))
	j := newJudge(t, policy.path, longLease)
	patient := func(c *dataplane.Config) { c.Limits.BadCommandsLoggedIn = 10_000 } // many fit no state
	with := newBed(t, setup{judge: j, altered: true, change: patient})
	without := newBed(t, setup{judge: j, altered: true, change: func(c *dataplane.Config) {
		patient(c)
		c.Listeners[0].Audit = "strict"
	}})
	for _, u := range users {
		for _, m := range mailboxes[1:] {
			c := with.server.direct(t, u)
			must(t, c.Create(m, nil).Wait())
			must(t, c.Logout().Wait())
		}
	}

	type pair [2]*terminal
	sessions := map[string]pair{}
	commands := []string{"NOOP", "STATUS %s (MESSAGES)", "SELECT %s", "EXAMINE %s", `LIST "" *`, "FETCH 1:* FLAGS", "FETCH 1 BODY.PEEK[TEXT]", "SEARCH ALL",
		"STORE 1 +FLAGS (\\Seen)", "EXPUNGE", "CHECK", "SUBSCRIBE %s", "CLOSE"}
	const rounds, each = 5, 90
	for round := range rounds {
		if round > 0 {
			policy.change(byUser(r, users, mailboxes), with, without)
		}
		for i := range each {
			u := users[r.IntN(len(users))]
			p, open := sessions[u]
			if !open {
				p = pair{with.connect(), without.connect()}
				for _, c := range p {
					c.login(u)
				}
				sessions[u] = p
			}
			command := commands[r.IntN(len(commands))]
			if strings.Contains(command, "%s") {
				command = fmt.Sprintf(command, mailboxes[r.IntN(len(mailboxes))])
			}
			tag := fmt.Sprintf("r%dn%d", round, i)
			a, b := p[0].do(tag+" "+command), p[1].do(tag+" "+command)
			if words := strings.Fields; strings.Join(words(a)[:1], "") != strings.Join(words(b)[:1], "") {
				t.Errorf("%s of %s: %q with reuse, %q without", command, u, a, b)
			}
			if r.IntN(25) == 0 {
				for _, c := range p {
					c.logout()
				}
				delete(sessions, u)
			}
		}
	}
	for _, p := range sessions {
		for _, c := range p {
			c.logout()
		}
	}
	got, want := with.judged(), without.judged()
	if len(got) != len(want) || len(got) < rounds*each/2 {
		t.Errorf("%d commands were judged with reuse, %d without", len(got), len(want))
	}
	for tag, w := range want {
		if got[tag] != w {
			t.Errorf("%s: %q with reuse, %q without", tag, got[tag], w)
		}
	}
	if n := len(with.repeats()); n < rounds*each/4 {
		t.Errorf("%d reuses", n)
	}
	if n := len(without.repeats()); n != 0 {
		t.Errorf("%d reuses where the audit is strict", n)
	}
}
