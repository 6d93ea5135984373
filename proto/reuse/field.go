package reuse

import (
	"encoding/binary"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// subject is what a question's fields are read from. What the event does not have is nil.
type subject struct {
	question *deciderv1.Question
	command  *deciderv1.Command
	response *deciderv1.Response
}

func subjectOf(q *deciderv1.Question) subject {
	s := subject{question: q}
	switch e := q.GetEvent().(type) {
	case *deciderv1.Question_Command:
		s.command = e.Command
	case *deciderv1.Question_Untagged:
		s.response = e.Untagged.GetResponse()
	case *deciderv1.Question_Tagged:
		s.response = e.Tagged.GetResponse()
	}
	if s.response != nil {
		s.command = s.response.GetCommand()
	}
	return s
}

// append appends a field's value. It tells what is absent from what is empty, and where the field's parent is absent, that. ok is
// false for a field that is not known.
func (s *subject) append(b []byte, f deciderv1.InputField) (_ []byte, ok bool) {
	switch {
	case f >= deciderv1.InputField_INPUT_FIELD_COMMAND_TAG && f <= deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA:
		return appendCommand(b, s.command, f)
	case f >= deciderv1.InputField_INPUT_FIELD_SESSION_ID && f <= deciderv1.InputField_INPUT_FIELD_SESSION_ROLES:
		return appendSession(b, s.question.GetSession(), f)
	}
	switch f {
	case deciderv1.InputField_INPUT_FIELD_IMAP_STATE_OLD:
		return appendNumber(b, uint64(s.question.GetImapStateOld())), true
	case deciderv1.InputField_INPUT_FIELD_IMAP_STATE_NEW:
		return appendNumber(b, uint64(s.question.GetImapStateNew())), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_ARGS:
		return appendArgs(b, s.response.GetArgs()), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_TRUNCATED:
		return appendBool(b, s.response.GetTruncated()), true
	case deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES:
		if s.response == nil {
			return appendTexts(b, s.question.GetGreeting().GetCapabilities()), true
		}
		return appendTexts(b, s.response.GetCapabilities()), true
	case deciderv1.InputField_INPUT_FIELD_GREETING_CODE:
		return appendText(b, s.question.GetGreeting().GetCode()), true
	case deciderv1.InputField_INPUT_FIELD_GREETING_TEXT:
		return appendText(b, s.question.GetGreeting().GetText()), true
	}
	return b, false
}

func appendSession(b []byte, s *deciderv1.Session, f deciderv1.InputField) (_ []byte, ok bool) {
	switch f {
	case deciderv1.InputField_INPUT_FIELD_SESSION_ID:
		return appendText(b, s.GetId()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_DATAPLANE:
		return appendText(b, s.GetDataplane()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LISTENER:
		return appendText(b, s.GetListener()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_ADDRESS:
		return appendText(appendBool(b, s.GetClient() != nil), s.GetClient().GetAddress()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_PORT:
		return appendNumber(appendBool(b, s.GetClient() != nil), uint64(s.GetClient().GetPort())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_ADDRESS:
		return appendText(appendBool(b, s.GetLocal() != nil), s.GetLocal().GetAddress()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_PORT:
		return appendNumber(appendBool(b, s.GetLocal() != nil), uint64(s.GetLocal().GetPort())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS:
		return appendBool(b, s.GetTls() != nil), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_VERSION:
		return appendText(appendBool(b, s.GetTls() != nil), s.GetTls().GetVersion()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CIPHER_SUITE:
		return appendText(appendBool(b, s.GetTls() != nil), s.GetTls().GetCipherSuite()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_SERVER_NAME:
		return appendText(appendBool(b, s.GetTls() != nil), s.GetTls().GetServerName()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CLIENT_CERTIFICATE:
		return appendCertificate(appendBool(b, s.GetTls() != nil), s.GetTls().GetClientCertificate()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_USER:
		return appendText(b, s.GetUser()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_AUTHORIZATION_IDENTITY:
		return appendText(b, s.GetAuthorizationIdentity()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MECHANISM:
		return appendText(b, s.GetMechanism()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_AUTHENTICATION_FAILURES:
		return appendNumber(b, uint64(s.GetAuthenticationFailures())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX:
		return appendBool(b, s.GetMailbox() != nil), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_NAME:
		return appendText(appendBool(b, s.GetMailbox() != nil), s.GetMailbox().GetName()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_READ_ONLY:
		return appendBool(appendBool(b, s.GetMailbox() != nil), s.GetMailbox().GetReadOnly()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_ENABLED:
		return appendTexts(b, s.GetEnabled()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_DELIMITER:
		return appendText(b, s.GetDelimiter()), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_CONNECTED:
		return appendNumber(b, uint64(s.GetConnectedUnixMs())), true
	case deciderv1.InputField_INPUT_FIELD_SESSION_ROLES:
		b = appendNumber(b, uint64(len(s.GetRoles())))
		for _, r := range s.GetRoles() {
			b = appendText(appendText(b, r.GetMailbox()), r.GetRole())
		}
		return b, true
	}
	return b, false
}

func appendCertificate(b []byte, c *deciderv1.ClientCertificate) []byte {
	if c == nil {
		return append(b, 0)
	}
	b = appendText(append(b, 1), c.GetSubject())
	b = appendTexts(b, c.GetDnsNames())
	b = appendTexts(b, c.GetEmailAddresses())
	b = appendTexts(b, c.GetUris())
	return appendText(b, c.GetSha256())
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendNumber(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// appendText appends a text with its length in front, so that no two sequences of texts are alike.
func appendText[T string | []byte](b []byte, s T) []byte {
	return append(appendNumber(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = appendNumber(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}
