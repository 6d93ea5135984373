package input

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// maxUnixMs is the last time that OPA's time functions know, which count nanoseconds in 64 bits.
const maxUnixMs = math.MaxInt64 / int64(time.Millisecond)

func buildSession(s *deciderv1.Session) (*ast.Term, error) {
	if s == nil {
		return nil, &Error{"session", "must be set"}
	}
	if s.GetId() == "" {
		return nil, &Error{"session.id", "must not be empty"}
	}
	o := make(object, 0, 15)
	o.add(keyID, ast.StringTerm(s.GetId()))
	o.text(keyDataplane, s.GetDataplane())
	o.text(keyListener, s.GetListener())
	o.endpoint(keyClient, s.GetClient())
	o.endpoint(keyLocal, s.GetLocal())
	if err := o.tls(s.GetTls()); err != nil {
		return nil, err
	}
	o.text(keyUser, s.GetUser())
	o.text(keyAuthorizationID, s.GetAuthorizationIdentity())
	o.text(keyMechanism, s.GetMechanism())
	o.add(keyAuthenticationFails, ast.IntNumberTerm(int(s.GetAuthenticationFailures())))
	if m := s.GetMailbox(); m != nil {
		o.add(keyMailbox, ast.ObjectTerm(
			[2]*ast.Term{keyName, ast.StringTerm(m.GetName())},
			[2]*ast.Term{keyReadOnly, ast.BooleanTerm(m.GetReadOnly())},
		))
	}
	o.list(keyEnabled, s.GetEnabled())
	o.text(keyDelimiter, s.GetDelimiter())
	if err := o.roles(s.GetRoles()); err != nil {
		return nil, err
	}
	ms := s.GetConnectedUnixMs()
	if ms < 0 || ms > maxUnixMs {
		return nil, &Error{"session.connected_unix_ms", "must be a time up to the year 2262"}
	}
	if ms != 0 {
		o.add(keyConnected, ast.IntNumberTerm(int(ms*int64(time.Millisecond))))
	}
	return o.term(), nil
}

// roleKey has a key for each special use that the contract knows.
var roleKey = func() map[string]*ast.Term {
	keys := map[string]*ast.Term{}
	for _, role := range []string{"all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash"} {
		keys[role] = ast.StringTerm(role)
	}
	return keys
}()

// roles adds the mailboxes of each special use, sorted, unless there are none.
func (o *object) roles(roles []*deciderv1.MailboxRole) error {
	if len(roles) == 0 {
		return nil
	}
	mailboxes := map[string][]string{}
	for i, r := range roles {
		if roleKey[r.GetRole()] == nil {
			return &Error{fmt.Sprintf("session.roles[%d].role", i), "must be a special use of RFC 6154 or RFC 8457, in lower case"}
		}
		mailboxes[r.GetRole()] = append(mailboxes[r.GetRole()], r.GetMailbox())
	}
	m := make(object, 0, len(mailboxes))
	for role, names := range mailboxes {
		slices.Sort(names)
		m.list(roleKey[role], slices.Compact(names))
	}
	o.add(keyRoles, m.term())
	return nil
}

func (o *object) endpoint(key *ast.Term, e *deciderv1.Endpoint) {
	if e == nil {
		return
	}
	m := make(object, 0, 2)
	m.text(keyAddress, e.GetAddress())
	if p := e.GetPort(); p != 0 {
		m.add(keyPort, ast.IntNumberTerm(int(p)))
	}
	o.add(key, m.term())
}

func (o *object) tls(t *deciderv1.Tls) error {
	if t == nil {
		return nil
	}
	if v := t.GetVersion(); v != "1.2" && v != "1.3" {
		return &Error{"session.tls.version", `must be "1.2" or "1.3"`}
	}
	m := make(object, 0, 4)
	m.text(keyVersion, t.GetVersion())
	m.text(keyCipherSuite, t.GetCipherSuite())
	m.text(keyServerName, t.GetServerName())
	if c := t.GetClientCertificate(); c != nil {
		n := make(object, 0, 5)
		n.text(keySubject, c.GetSubject())
		n.list(keyDNSNames, c.GetDnsNames())
		n.list(keyEmailAddresses, c.GetEmailAddresses())
		n.list(keyURIs, c.GetUris())
		n.text(keySHA256, c.GetSha256())
		m.add(keyClientCertificate, n.term())
	}
	o.add(keyTLS, m.term())
	return nil
}
