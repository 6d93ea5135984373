package input

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// maxUnixMs is the last time that OPA's time functions know, which count nanoseconds in 64 bits.
const maxUnixMs = math.MaxInt64 / int64(time.Millisecond)

func session(w document.Writer, s *deciderv1.Session) error {
	if s == nil {
		return &Error{"session", "must be set"}
	}
	if s.GetId() == "" {
		return &Error{"session.id", "must not be empty"}
	}
	ms := s.GetConnectedUnixMs()
	if ms < 0 || ms > maxUnixMs {
		return &Error{"session.connected_unix_ms", "must be a time up to the year 2262"}
	}
	w.BeginObject(keySession)
	w.Uint(keyAuthenticationFails, uint64(s.GetAuthenticationFailures()))
	document.Text(w, keyAuthorizationID, s.GetAuthorizationIdentity())
	endpoint(w, keyClient, s.GetClient())
	if ms != 0 {
		w.Uint(keyConnected, uint64(ms*int64(time.Millisecond)))
	}
	document.Text(w, keyDataplane, s.GetDataplane())
	document.Text(w, keyDelimiter, s.GetDelimiter())
	document.Texts(w, keyEnabled, s.GetEnabled())
	w.String(keyID, s.GetId())
	document.Text(w, keyListener, s.GetListener())
	endpoint(w, keyLocal, s.GetLocal())
	if m := s.GetMailbox(); m != nil {
		w.BeginObject(keyMailbox)
		w.String(keyName, m.GetName())
		w.Bool(keyReadOnly, m.GetReadOnly())
		w.EndObject()
	}
	document.Text(w, keyMechanism, s.GetMechanism())
	if err := roles(w, s.GetRoles()); err != nil {
		return err
	}
	if err := tls(w, s.GetTls()); err != nil {
		return err
	}
	document.Text(w, keyUser, s.GetUser())
	w.EndObject()
	return nil
}

// roles writes the mailboxes of each special use, sorted, unless there are none.
func roles(w document.Writer, roles []*deciderv1.MailboxRole) error {
	if len(roles) == 0 {
		return nil
	}
	mailboxes := map[string][]string{}
	for i, r := range roles {
		if roleWord[r.GetRole()] == nil {
			return &Error{fmt.Sprintf("session.roles[%d].role", i), "must be a special use of RFC 6154 or RFC 8457, in lower case"}
		}
		mailboxes[r.GetRole()] = append(mailboxes[r.GetRole()], r.GetMailbox())
	}
	w.BeginObject(keyRoles)
	for _, role := range slices.Sorted(maps.Keys(mailboxes)) {
		names := mailboxes[role]
		slices.Sort(names)
		document.Texts(w, roleWord[role], slices.Compact(names))
	}
	w.EndObject()
	return nil
}

func endpoint(w document.Writer, name *document.Word, e *deciderv1.Endpoint) {
	if e == nil {
		return
	}
	w.BeginObject(name)
	document.Text(w, keyAddress, e.GetAddress())
	if p := e.GetPort(); p != 0 {
		w.Uint(keyPort, uint64(p))
	}
	w.EndObject()
}

func tls(w document.Writer, t *deciderv1.Tls) error {
	if t == nil {
		return nil
	}
	if v := t.GetVersion(); v != "1.2" && v != "1.3" {
		return &Error{"session.tls.version", `must be "1.2" or "1.3"`}
	}
	w.BeginObject(keyTLS)
	document.Text(w, keyCipherSuite, t.GetCipherSuite())
	if c := t.GetClientCertificate(); c != nil {
		w.BeginObject(keyClientCertificate)
		document.Texts(w, keyDNSNames, c.GetDnsNames())
		document.Texts(w, keyEmailAddresses, c.GetEmailAddresses())
		document.Text(w, keySHA256, c.GetSha256())
		document.Text(w, keySubject, c.GetSubject())
		document.Texts(w, keyURIs, c.GetUris())
		w.EndObject()
	}
	document.Text(w, keyServerName, t.GetServerName())
	document.Text(w, keyVersion, t.GetVersion())
	w.EndObject()
	return nil
}
