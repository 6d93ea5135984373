package input

import (
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func buildSession(s *deciderv1.Session) (*ast.Term, error) {
	if s == nil {
		return nil, &Error{"session", "must be set"}
	}
	if s.GetId() == "" {
		return nil, &Error{"session.id", "must not be empty"}
	}
	o := make(object, 0, 14)
	o.add(keyID, ast.StringTerm(s.GetId()))
	o.text(keyDataplane, s.GetDataplane())
	o.text(keyListener, s.GetListener())
	o.endpoint(keyClient, s.GetClient())
	o.endpoint(keyLocal, s.GetLocal())
	o.tls(s.GetTls())
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
	if ms := s.GetConnectedUnixMs(); ms != 0 {
		// Nanoseconds, for OPA's time functions.
		o.add(keyConnected, ast.IntNumberTerm(int(time.UnixMilli(ms).UnixNano())))
	}
	return o.term(), nil
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

func (o *object) tls(t *deciderv1.Tls) {
	if t == nil {
		return
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
}
