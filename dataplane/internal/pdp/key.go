package pdp

import (
	"cmp"
	"encoding/binary"
	"maps"
	"net"
	"slices"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

// AppendEvent is reuse.AppendEvent for the contract's form of a question.
func AppendEvent(b []byte, q *session.Question) []byte {
	switch q.Kind {
	case session.Greeting:
		return appendText(append(b, 'g'), q.Response.Name)
	case session.Command:
		return appendText(append(b, 'c'), q.Command.Name)
	case session.Untagged:
		b = append(b, 'u')
	case session.Tagged:
		b = append(b, 't')
	}
	b = appendBool(b, q.Command != nil)
	if q.Command != nil {
		b = appendText(b, q.Command.Name)
	}
	return appendText(b, q.Response.Name)
}

// AppendFields appends to what AppendEvent has appended what reuse.AppendKey appends for the contract's form of a question. The form
// itself is not made: it is most of what a question costs. ok is false where a field is unknown.
func AppendFields(b []byte, c *Connection, q *session.Question, fields []deciderv1.InputField) (_ []byte, ok bool) {
	for _, f := range fields {
		b = binary.AppendUvarint(b, uint64(f))
		switch {
		case f >= deciderv1.InputField_INPUT_FIELD_COMMAND_TAG && f <= deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA:
			if ok = reuse.Path(f) != ""; q.Command != nil {
				b, ok = appendCommand(b, q.Command, &q.Identity, f)
			}
		case f >= deciderv1.InputField_INPUT_FIELD_SESSION_ID && f <= deciderv1.InputField_INPUT_FIELD_SESSION_ROLES:
			b, ok = appendSession(b, c, &q.Session, f)
		default:
			b, ok = appendOther(b, q, f)
		}
		if !ok {
			return b, false
		}
	}
	return b, true
}

func appendSession(b []byte, c *Connection, s *session.Snapshot, f deciderv1.InputField) (_ []byte, ok bool) {
	switch f {
	case deciderv1.InputField_INPUT_FIELD_SESSION_ID:
		return appendText(b, c.ID), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_DATAPLANE:
		return appendText(b, c.Dataplane), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LISTENER:
		return appendText(b, c.Listener), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_ADDRESS:
		return appendAddress(append(b, 1), c.Client), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_PORT:
		return appendNumber(append(b, 1), uint32(addrPort(c.Client).Port())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_ADDRESS:
		return appendAddress(append(b, 1), c.Local), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_PORT:
		return appendNumber(append(b, 1), uint32(addrPort(c.Local).Port())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS:
		return appendBool(b, c.tls != nil), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_VERSION:
		return appendText(appendBool(b, c.tls != nil), c.tls.GetVersion()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CIPHER_SUITE:
		return appendText(appendBool(b, c.tls != nil), c.tls.GetCipherSuite()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_SERVER_NAME:
		return appendText(appendBool(b, c.tls != nil), c.tls.GetServerName()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CLIENT_CERTIFICATE:
		return appendCertificate(appendBool(b, c.tls != nil), c.tls.GetClientCertificate()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_USER:
		return appendText(b, s.Identity.User), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_AUTHORIZATION_IDENTITY:
		return appendText(b, s.Identity.Authorization), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MECHANISM:
		return appendText(b, s.Identity.Mechanism), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_AUTHENTICATION_FAILURES:
		return appendNumber(b, s.AuthenticationFailures), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX:
		return appendBool(b, s.Mailbox != nil), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_NAME:
		if s.Mailbox == nil {
			return appendText(append(b, 0), ""), true
		}
		return appendText(append(b, 1), s.Mailbox.Name), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_READ_ONLY:
		return appendBool(appendBool(b, s.Mailbox != nil), s.Mailbox != nil && s.Mailbox.ReadOnly), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_ENABLED:
		return appendTexts(b, s.Enabled), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_DELIMITER:
		return appendText(b, s.Delimiter), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CONNECTED:
		return appendNumber(b, c.Connected.UnixMilli()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_ROLES:
		b = appendNumber(b, len(s.Roles))
		for _, r := range s.Roles {
			b = appendText(appendText(b, r.Mailbox), r.Name)
		}
		return b, true
	}
	return b, false
}

func appendAddress(b []byte, a net.Addr) []byte {
	ap := addrPort(a)
	if !ap.IsValid() {
		return appendText(b, "")
	}
	var octets [len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]byte
	return appendOctets(b, ap.Addr().AppendTo(octets[:0]))
}

func appendCertificate(b []byte, c *deciderv1.ClientCertificate) []byte {
	if c == nil {
		return append(b, 0)
	}
	b = appendText(append(b, 1), c.Subject)
	b = appendTexts(b, c.DnsNames)
	b = appendTexts(b, c.EmailAddresses)
	b = appendTexts(b, c.Uris)
	return appendText(b, c.Sha256)
}

func appendCommand(b []byte, c *syntax.Command, id *session.Identity, f deciderv1.InputField) (_ []byte, ok bool) {
	switch f {
	case deciderv1.InputField_INPUT_FIELD_COMMAND_TAG:
		return appendOctets(b, c.Tag), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS:
		return appendArguments(b, c.Raw, c.Args, c.Secret), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_KNOWN:
		return appendBool(b, c.Info != nil), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX:
		return appendOptional(b, c.Mailbox), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_NEW_MAILBOX:
		return appendOptional(b, c.NewMailbox), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOXES:
		return appendTexts(b, c.Mailboxes), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_REFERENCE:
		return appendOptional(b, c.Reference), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_PATTERNS:
		return appendTexts(b, c.Patterns), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SET:
		b = appendNumber(b, len(c.Set))
		for _, r := range c.Set {
			b = appendNumber(appendNumber(b, r.First), r.Last)
		}
		return b, true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SET_SAVED:
		return appendBool(b, c.SetSaved), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ITEMS:
		return appendTexts(b, c.Items), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS:
		return appendTexts(b, c.Flags), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS_OPERATION:
		return appendText(b, c.FlagsOperation), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SILENT:
		return appendBool(b, c.Silent), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_SEARCH_KEYS:
		return appendTexts(b, c.SearchKeys), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_LITERAL:
		if c.Literal == nil {
			return append(b, 0), true
		}
		b = appendNumber(append(b, 1), c.Literal.Size)
		return appendBool(appendBool(b, c.Literal.NonSync), c.Literal.Binary), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_DATE:
		return appendText(b, c.Date), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_USER:
		return appendText(b, cmp.Or(c.User, id.User)), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_AUTHORIZATION_IDENTITY:
		return appendText(b, id.Authorization), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_MECHANISM:
		return appendText(b, c.Mechanism), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_CAPABILITIES:
		return appendTexts(b, c.Capabilities), true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_ID:
		b = appendNumber(b, len(c.ID))
		if len(c.ID) > 0 {
			for _, k := range slices.Sorted(maps.Keys(c.ID)) {
				b = appendText(appendText(b, k), c.ID[k])
			}
		}
		return b, true
	case deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA:
		return appendTexts(b, c.AppendData), len(c.AppendData) > 0 || !reuse.Always(f, c.Name)
	}
	return b, false
}

func appendOther(b []byte, q *session.Question, f deciderv1.InputField) (_ []byte, ok bool) {
	greeting := q.Kind == session.Greeting
	switch f {
	case deciderv1.InputField_INPUT_FIELD_IMAP_STATE_OLD:
		return appendNumber(b, q.Old), true
	case deciderv1.InputField_INPUT_FIELD_IMAP_STATE_NEW:
		return appendNumber(b, q.New), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_ARGS:
		if q.Response == nil || greeting {
			return append(b, 0), true
		}
		return appendResponseArguments(b, q.Response), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_TRUNCATED:
		return appendBool(b, q.Response != nil && !greeting && q.Response.Truncated), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES:
		return appendTexts(b, q.Capabilities), true
	case deciderv1.InputField_INPUT_FIELD_GREETING_CODE:
		if !greeting {
			return append(b, 0), true
		}
		return appendOctets(b, q.Response.Code), true
	case deciderv1.InputField_INPUT_FIELD_GREETING_TEXT:
		if !greeting {
			return append(b, 0), true
		}
		return appendOctets(b, q.Response.Text), true
	}
	return b, false
}

func appendNumber[T ~int | ~int64 | ~uint8 | ~uint32 | ~uint64](b []byte, n T) []byte {
	return binary.AppendUvarint(b, uint64(n))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendOctets(b, s []byte) []byte { return append(appendNumber(b, len(s)), s...) }

func appendText(b []byte, s string) []byte {
	s = text(s)
	return append(appendNumber(b, len(s)), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = appendNumber(b, len(list))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

func appendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, 0)
	}
	return appendText(append(b, 1), *s)
}
