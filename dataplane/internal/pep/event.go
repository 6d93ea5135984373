package pep

import (
	"time"

	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// The names of events that the session machine does not have. Its own are the texts of session.EventType.
const (
	// Opened: a client has connected.
	Opened = "session"
	// HandshakeFailed: TLS with the client did not come about.
	HandshakeFailed = "tls_failed"
	// TooMany: a client was sent away, for there are as many sessions as the bound allows that Reason names.
	TooMany = "too_many_sessions"
	// ProxyFailed: a peer that must begin with a header of the PROXY protocol did not.
	ProxyFailed = "proxy_failed"
	// Loop: a connection of the dataplane to itself was closed.
	Loop = "loop"
	// TLSLoaded: files of keys, certificates or authorities have changed, and are in use.
	TLSLoaded = "tls_loaded"
	// TLSRefused: they have changed, and cannot be used. What was loaded before stays in use.
	TLSRefused = "tls_refused"
	// UpstreamFailed: the server cannot be reached, or is lost before the session's end. Reason is one of those below.
	UpstreamFailed = "upstream_failed"
	// AcceptFailed: a listener could not accept a connection, and tries again.
	AcceptFailed = "accept_failed"
	// ConfigLoaded: a changed configuration is in use for those who connect from now on.
	ConfigLoaded = "config_loaded"
	// ConfigRefused: it cannot be used. What was loaded before stays in use.
	ConfigRefused = "config_refused"
	// Replaced: another process has taken the listeners over.
	Replaced = "replaced"
	// NotReplaced: one was to, and does not serve. This one goes on.
	NotReplaced = "not_replaced"
)

// The reasons of UpstreamFailed.
const (
	upstreamConnect = "connect" // no connection; name resolution and PROXY header included
	upstreamTLS     = "tls"     // the handshake, at once or by STARTTLS
	upstreamWrite   = "write"   // it takes no more, or not in time
	upstreamClosed  = "closed"  // it closed the connection without a BYE, or reading failed
)

// Event is something that happened, to be logged and counted. It holds no secret. Fields that do not apply are empty.
type Event struct {
	// Time is when. Who passes it on fills it in: to look at the clock costs a part of what a command does.
	Time time.Time
	// Name is "session", "decision", "policy_error", "decider_failed", "refused", "client_violation", "server_violation",
	// "state", "ended", "tls_failed", "proxy_failed", "loop", "too_many_sessions", "upstream_failed", "accept_failed", "tls_loaded",
	// "tls_refused", "config_loaded", "config_refused", "replaced" or "not_replaced".
	Name string
	// Session, Listener and Client say whose event it is; User is who is logged in.
	Session, Listener, Client, User string
	// Proxy is the balancer that has told Client by the PROXY protocol.
	Proxy string
	// Kind, Command, Tag and Response name what was judged, refused or malformed.
	Kind, Command, Tag, Response string
	// Verdict is the seed's name of the verdict that was obeyed, or the failure mode where there was none.
	Verdict string
	// Observed: the listener observes, so that neither was obeyed, and everything passed.
	Observed bool
	// Decision finds the decision in the decider's log; Revision, Row and Rule say what decided.
	Decision, Revision, Row, Rule string
	// Repeats is the decision that this one repeats without having been asked for: its own id where repetitions are counted together,
	// and have none.
	Repeats string
	// Reason says why: the policy's words for a decision, else the dataplane's.
	Reason string
	// Fault, File and Line say what kind of policy error it is and where.
	Fault, File string
	Line        uint32
	// Old and New are the states of a "state" event.
	Old, New string
	// Took is how long an ended session lasted, FromClient and FromServer what was read in it, in octets.
	Took                   time.Duration
	FromClient, FromServer uint64
	// Err is the transport's error.
	Err error
}

// add fills in what the machine tells.
func (e *Event) add(s session.Event) {
	e.Name = s.Type.String()
	e.Command, e.Tag, e.Response = s.Command, s.Tag, s.Response
	e.Verdict, e.Observed, e.Reason, e.Err = s.Verdict, s.Observed, s.Reason, s.Err
	if s.Kind != 0 {
		e.Kind = s.Kind.String()
	}
	if d := s.Decision; d != nil {
		e.Decision, e.Revision, e.Row, e.Rule = d.ID, d.Revision, d.Row, d.Rule
		e.Repeats = d.Repeats
		if f := d.Fault; f != nil {
			e.Fault, e.File, e.Line = f.Kind, f.File, f.Line
			if f.Row != "" {
				e.Row = f.Row
			}
		}
	}
	if s.Type == session.StateChanged {
		e.Old, e.New = s.Old.String(), s.New.String()
	}
}
