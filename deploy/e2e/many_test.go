package e2e

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gatepost/gatepost/dataplane"
)

// What TestMany is made of, and how long a decision may take while deciders are killed and stand still on a busy machine.
const (
	manyDeciders   = 3
	manyDataplanes = 4
	manyClients    = 2 // of each dataplane
	manyDeadline   = 20 * time.Second
)

// Three deciders serve four dataplanes in front of Dovecot, under a steady load of sessions, and are killed, stopped (SIGSTOP), ended in
// order and given new policy in turn. No client sees an error, no verdict is wrong, no command reaches the server without one, no record
// is lost, and each new revision is soon in force everywhere.
func TestMany(t *testing.T) {
	if testing.Short() {
		t.Skip("runs for half a minute")
	}
	server := dovecot(t)
	m := newMany(t, server)
	m.load()
	m.settle("in the beginning")

	var took []time.Duration
	for i, d := range m.deciders {
		m.step("kill %d", i)
		d.signal(syscall.SIGKILL)
		d.wait()
		m.settle("while one is gone")
		d.start()
		m.ready(d)

		m.step("stop %d", i)
		d.signal(syscall.SIGSTOP)
		m.settle("while one stands still")
		d.signal(syscall.SIGCONT)
		m.ready(d)

		took = append(took, m.renew())

		m.step("restart %d", i)
		d.signal(syscall.SIGTERM)
		m.settle("while one ends")
		if err := d.wait(); err != nil {
			t.Errorf("decider %d: %v", i, err)
		}
		d.start()
		m.ready(d)

		took = append(took, m.renew())
	}
	m.settle("in the end")
	m.end()
	m.verify()
	t.Logf("a new revision was in force everywhere after %v", took)
	// The machine may be busy with other tests: what holds on a quiet one holds for one of the times.
	if slices.Min(took) > time.Second {
		t.Errorf("no new revision was in force everywhere within a second: %v", took)
	}
}

// many is the bed of TestMany.
type many struct {
	t          *testing.T
	policy     string // the deciders' directory
	deciders   []*deciderProgram
	dataplanes []*dataplane.Dataplane
	legs       []*recorder // between dataplanes and server
	version    atomic.Int64

	running sync.WaitGroup
	over    chan struct{}
	tags    atomic.Int64
	done    atomic.Int64 // commands that got their answer

	mu      sync.Mutex
	sent    map[string]sent
	decided []dataplane.Event
	changed []time.Time
}

// sent is a command of a client.
type sent struct {
	name   string
	at     time.Time
	answer string
}

func newMany(t *testing.T, server *server) *many {
	t.Helper()
	m := &many{t: t, policy: t.TempDir(), over: make(chan struct{}), sent: map[string]sent{}}
	m.write()
	program := build(t, "decider/cmd/gatepost-decider")
	var addresses []string
	for range manyDeciders {
		d := newDeciderProgram(t, program, m.policy)
		m.deciders = append(m.deciders, d)
		addresses = append(addresses, "unix:"+d.socket)
		d.start()
	}
	for i := range manyDataplanes {
		leg := record(t, server.clear, false)
		c := dataplane.DefaultConfig()
		c.Name = fmt.Sprintf("edge-%d", i)
		c.Listeners = []dataplane.Listener{{Name: "imap", Address: "127.0.0.1:0"}}
		c.Upstream = dataplane.Upstream{Address: leg.addr, TLS: dataplane.ClientTLS{Mode: tlsOff}}
		c.Decider.Addresses = addresses
		c.Decider.Deadline, c.Decider.Silence = manyDeadline, .02
		c.Reuse.Enabled = i%2 == 0 // the others put enough questions
		c.Reuse.Reports.Interval = 10 * time.Millisecond
		c.Timeouts.Shutdown = patience
		d, err := dataplane.New(c, dataplane.Options{Log: slog.New(slog.DiscardHandler), OnEvent: m.heard})
		must(t, err)
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- d.Serve(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
		m.dataplanes, m.legs = append(m.dataplanes, d), append(m.legs, leg)
	}
	for _, d := range m.deciders {
		m.ready(d)
	}
	return m
}

// write puts the next version of the policy in the directory, as Kubernetes does: the file is replaced at once.
func (m *many) write() {
	m.t.Helper()
	policy := fmt.Sprintf(`package imap.policy

import data.imap.defaults

request := object.union(defaults.request, {
	"DELETE": ["IMAP_REQ_REJECT", "version %d"],
	"EXPUNGE": ["IMAP_REQ_REWRITE", "NOOP"],
})

response := defaults.response

capability := defaults.capability
`, m.version.Add(1))
	next := filepath.Join(m.policy, ".next")
	must(m.t, os.WriteFile(next, []byte(policy), 0o600))
	must(m.t, os.Rename(next, filepath.Join(m.policy, "policy.rego")))
}

// heard notes what dataplanes did.
func (m *many) heard(e dataplane.Event) {
	switch e.Name {
	case "decision":
		m.mu.Lock()
		defer m.mu.Unlock()
		m.decided = append(m.decided, e)
	case "session", "state", "ended":
	default:
		m.t.Errorf("%s: %s %s: %s %v", e.Name, e.Session, e.Command, e.Reason, e.Err)
	}
}

func (m *many) step(format string, args ...any) {
	m.t.Logf("%d commands answered; "+format, append([]any{m.done.Load()}, args...)...)
}

// settle lets so many commands be answered that each decider that is there has had its share of them.
func (m *many) settle(when string) {
	m.t.Helper()
	const share = 150
	from := m.done.Load()
	for end := time.Now().Add(patience); m.done.Load() < from+share; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("%d commands were answered %s", m.done.Load()-from, when)
		}
	}
}

// ready waits until all dataplanes use a decider.
func (m *many) ready(d *deciderProgram) {
	m.t.Helper()
	m.eventually("a decider is used by all", func() bool {
		for _, p := range m.dataplanes {
			if !slices.ContainsFunc(p.Revisions(), func(r dataplane.Revision) bool { return r.Replica == d.socket || r.Replica == "unix:"+d.socket }) {
				return false
			}
		}
		return true
	})
}

func (m *many) eventually(what string, f func() bool) {
	m.t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// renew changes the policy, and waits until the new revision is in force on all deciders, as all dataplanes hear of it.
func (m *many) renew() time.Duration {
	m.t.Helper()
	m.step("new policy")
	before := m.dataplanes[0].Revisions()[0].Revision
	begin := time.Now()
	m.write()
	m.eventually("the new revision is in force everywhere", func() bool {
		for _, p := range m.dataplanes {
			rs := p.Revisions()
			if len(rs) != manyDeciders || slices.ContainsFunc(rs, func(r dataplane.Revision) bool { return r.Revision == before }) {
				return false
			}
		}
		return true
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed = append(m.changed, time.Now())
	return time.Since(begin)
}

// load starts the clients.
func (m *many) load() {
	for _, d := range m.dataplanes {
		for range manyClients {
			user := newUser()
			m.running.Go(func() {
				for m.session(d.Addr("imap").String(), user) {
				}
			})
		}
	}
}

func (m *many) end() {
	close(m.over)
	m.running.Wait()
	for i, d := range m.dataplanes { // they have their reuses recorded
		if err := d.Shutdown(context.Background()); err != nil {
			m.t.Errorf("dataplane %d: %v", i, err)
		}
	}
}

// session is one of a client; it reports whether there is to be another.
func (m *many) session(addr, user string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		m.t.Error(err)
		return false
	}
	defer conn.Close()
	c := &manyClient{many: m, terminal: newTerminal(quiet{m.t}, conn)}
	defer func() {
		if r := recover(); r != nil {
			m.t.Errorf("a client of %s: %v", user, r)
		}
	}()
	c.until("* OK")
	c.does("LOGIN", user+" "+password, "OK")
	for range 8 {
		c.does("SELECT", "INBOX", "OK")
		c.does("STATUS", "INBOX (MESSAGES)", "OK")
		c.does("DELETE", "INBOX.x", "NO [NOPERM] version ")
		c.does("EXPUNGE", "", "OK")
		c.does("NOOP", "", "OK")
		select {
		case <-m.over:
			c.does("LOGOUT", "", "OK")
			return false
		case <-time.After(20 * time.Millisecond): // a steady load, and not all that the machine can bear
		}
	}
	c.does("LOGOUT", "", "OK")
	return true
}

// quiet is a test on whose other goroutines nothing may end it: it panics.
type quiet struct{ testing.TB }

func (q quiet) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (q quiet) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (q quiet) Helper()                           {}
func (q quiet) Cleanup(func())                    {}

// manyClient is a client whose commands are noted.
type manyClient struct {
	*terminal
	many *many
}

func (c *manyClient) does(name, args, want string) {
	m := c.many
	tag := fmt.Sprintf("t%d", m.tags.Add(1))
	at := time.Now()
	answer := strings.TrimSpace(c.do(strings.TrimSpace(tag + " " + name + " " + args)))
	if !strings.HasPrefix(answer, want) {
		m.t.Errorf("%s %s: %q, want %q", tag, name, answer, want)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent[tag] = sent{name, at, answer}
	m.done.Add(1)
}

// verdicts are what policy says, of any version.
var verdicts = map[string]string{
	"LOGIN": "IMAP_REQ_ACCEPT", "SELECT": "IMAP_REQ_ACCEPT", "STATUS": "IMAP_REQ_ACCEPT", "NOOP": "IMAP_REQ_ACCEPT", "LOGOUT": "IMAP_REQ_ACCEPT",
	"DELETE": "IMAP_REQ_REJECT", "EXPUNGE": "IMAP_REQ_REWRITE",
}

var versionText = regexp.MustCompile(`version (\d+)$`)

// verify compares what clients saw, what dataplanes did, what the server got, and what the deciders recorded.
func (m *many) verify() {
	t := m.t
	t.Helper()
	recorded := m.recorded()

	// Every decision that was obeyed has one record, of the same verdict; every command has a decision, and it is right.
	judged := map[string]bool{}
	again, reused := 0, 0
	counted := map[string]int{} // by session and decision
	for _, r := range recorded {
		counted[r.Input.Session.ID+" "+r.Custom.Reuse.Of] += r.Custom.Reuse.Count
	}
	for _, e := range m.decided {
		r := recorded[e.Decision]
		if r == nil {
			t.Errorf("decision %s on %s %s was obeyed and has no record", e.Decision, e.Tag, e.Command)
			continue
		}
		if e.Repeats != "" {
			reused++
		}
		if e.Repeats != "" && e.Repeats == e.Decision { // it is counted
			if key := e.Session + " " + e.Decision; counted[key] > 0 && r.Result.Verdict == e.Verdict {
				counted[key]--
			} else {
				t.Errorf("%s %s: a reuse of %s is not counted, or was of %+v", e.Tag, e.Command, e.Decision, r)
			}
		} else if r.Result.Verdict != e.Verdict || e.Kind == "command" && r.Input.Command.Tag != e.Tag || r.Input.Session.ID != e.Session ||
			r.Custom.Reuse.Of != e.Repeats {
			t.Errorf("%s %s: obeyed %s, recorded %+v", e.Tag, e.Command, e.Verdict, r)
		}
		if r.Custom.Attempt > 0 {
			again++
		}
		if e.Kind != "command" {
			continue
		}
		if judged[e.Tag] = true; e.Verdict != verdicts[e.Command] {
			t.Errorf("%s %s: %s", e.Tag, e.Command, e.Verdict)
		}
	}
	versions := map[string]string{} // by revision
	for tag, s := range m.sent {
		if !judged[tag] {
			t.Errorf("%s %s has no decision", tag, s.name)
		}
		if s.name != "DELETE" {
			continue
		}
		// What was asked when a version was in force everywhere is answered by that, or a later one.
		var version int64
		if v := versionText.FindStringSubmatch(s.answer); v != nil {
			_, _ = fmt.Sscan(v[1], &version)
		}
		least := int64(1)
		for _, at := range m.changed {
			if s.at.After(at) {
				least++
			}
		}
		if version < least || version > m.version.Load() {
			t.Errorf("%s DELETE: %q, where version %d was in force", tag, s.answer, least)
		}
	}
	for _, e := range m.decided {
		if e.Command != "DELETE" || e.Kind != "command" {
			continue
		}
		v := versionText.FindString(m.sent[e.Tag].answer)
		if before, ok := versions[e.Revision]; ok && before != v {
			t.Errorf("revision %s says %q and %q", e.Revision, before, v)
		}
		versions[e.Revision] = v
	}
	if len(versions) != int(m.version.Load()) {
		t.Errorf("%d revisions decided, there were %d: %v", len(versions), m.version.Load(), slices.Sorted(maps.Values(versions)))
	}

	// The server got what was accepted or rewritten, each once, and nothing else.
	reached := map[string]int{}
	for _, leg := range m.legs {
		for _, c := range leg.all() {
			c.wait(t)
			commands, err := commandsOf(c)
			if err != nil {
				t.Error(err)
			}
			for _, command := range commands {
				tag, name, _ := strings.Cut(command, " ")
				reached[tag]++
				want := m.sent[tag].name
				if want == "EXPUNGE" {
					want = "NOOP"
				}
				if name != want || want == "DELETE" {
					t.Errorf("the server got %q for %+v", command, m.sent[tag])
				}
			}
		}
	}
	for tag, s := range m.sent {
		if want := map[bool]int{true: 0, false: 1}[s.name == "DELETE"]; reached[tag] != want {
			t.Errorf("%s %s reached the server %d times", tag, s.name, reached[tag])
		}
	}
	t.Logf("%d commands, %d decisions obeyed, %d of them by another replica than was asked first, %d reuses, %d records",
		len(m.sent), len(m.decided), again, reused, len(recorded))
	if again == 0 || reused == 0 {
		t.Error("no question was put to another replica, or no decision was reused: the test has shown nothing")
	}
}

// manyRecord is what the test looks at in a record.
type manyRecord struct {
	DecisionID string `json:"decision_id"`
	Input      struct {
		Session struct{ ID string }
		Command struct{ Tag string }
	}
	Result struct{ Verdict string }
	Custom struct {
		Ask     uint64
		Attempt uint32
		Reuse   struct {
			Of    string
			Count int
		}
	}
}

// recorded are the records of all deciders, by decision. A record that is there twice is an error, but of a reuse, whose report may have
// been sent again; so are two of one question that do not say so.
func (m *many) recorded() map[string]*manyRecord {
	t := m.t
	t.Helper()
	all := map[string]*manyRecord{}
	asked := map[string]bool{}
	for i, d := range m.deciders {
		d.signal(syscall.SIGTERM)
		if err := d.wait(); err != nil {
			t.Errorf("decider %d: %v", i, err)
		}
		for _, r := range decode[manyRecord](t, d.records) {
			if before := all[r.DecisionID]; before != nil && r.Custom.Reuse.Of != "" && *before == *r {
				continue
			}
			if all[r.DecisionID] != nil {
				t.Errorf("decision %s is recorded twice", r.DecisionID)
			}
			question := fmt.Sprint(r.Input.Session.ID, " ", r.Custom.Ask, " ", r.Custom.Attempt)
			if asked[question] {
				t.Errorf("question %s (session, number, attempt) is recorded twice", question)
			}
			asked[question] = true
			all[r.DecisionID] = r
		}
		if log := d.log.bytes(); bytes.Contains(log, []byte("panic")) || bytes.Contains(log, []byte(password)) {
			t.Errorf("the log of decider %d: %s", i, log)
		}
	}
	return all
}
