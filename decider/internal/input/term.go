package input

import (
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// object collects the members of a document.
type object [][2]*ast.Term

func (o *object) add(key, value *ast.Term) { *o = append(*o, [2]*ast.Term{key, value}) }

// text adds a string, unless it is empty.
func (o *object) text(key *ast.Term, value string) {
	if value != "" {
		o.add(key, ast.StringTerm(value))
	}
}

// list adds an array of strings, unless it is empty.
func (o *object) list(key *ast.Term, values []string) {
	if len(values) != 0 {
		o.add(key, stringsTerm(values))
	}
}

// set adds true, unless value is false.
func (o *object) set(key *ast.Term, value bool) {
	if value {
		o.add(key, termTrue)
	}
}

func (o object) term() *ast.Term { return ast.ObjectTerm(o...) }

func stringsTerm(values []string) *ast.Term {
	terms := make([]*ast.Term, len(values))
	for i, v := range values {
		terms[i] = ast.StringTerm(v)
	}
	return ast.ArrayTerm(terms...)
}

// bytesTerm is IMAP data as a string. Policy and decision log are UTF-8, so what is not becomes U+FFFD.
func bytesTerm(b []byte) *ast.Term {
	if utf8.Valid(b) {
		return ast.StringTerm(string(b))
	}
	return ast.StringTerm(strings.ToValidUTF8(string(b), "\uFFFD"))
}

// Terms are immutable, so those that every document has are made once.
var (
	termTrue  = ast.BooleanTerm(true)
	termFalse = ast.BooleanTerm(false)
	termStar  = ast.StringTerm("*")

	termUntagged    = ast.StringTerm("UNTAGGED")
	termTagged      = ast.StringTerm("TAGGED")
	termGreeting    = ast.StringTerm("GREETING")
	termUnsolicited = ast.StringTerm("UNSOLICITED")

	termLiteral = ast.StringTerm("<LITERAL>")
	termSecret  = ast.StringTerm("<SECRET>")
	termComma   = ast.StringTerm(",")
	termBracket = ast.StringTerm("[")
	termParen   = ast.StringTerm("(")

	kindTerm = map[Kind]*ast.Term{
		Greeting: ast.StringTerm(string(Greeting)),
		Command:  ast.StringTerm(string(Command)),
		Untagged: ast.StringTerm(string(Untagged)),
		Tagged:   ast.StringTerm(string(Tagged)),
	}
	stateTerm = map[deciderv1.ImapState]*ast.Term{
		deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED: ast.StringTerm("not_authenticated"),
		deciderv1.ImapState_IMAP_STATE_AUTHENTICATED:     ast.StringTerm("authenticated"),
		deciderv1.ImapState_IMAP_STATE_SELECTED:          ast.StringTerm("selected"),
		deciderv1.ImapState_IMAP_STATE_LOGOUT:            ast.StringTerm("logout"),
	}
)

// The keys.
var (
	keyAddress             = ast.StringTerm("address")
	keyArgs                = ast.StringTerm("args")
	keyAuthenticationFails = ast.StringTerm("authentication_failures")
	keyAuthorizationID     = ast.StringTerm("authorization_identity")
	keyCapabilities        = ast.StringTerm("capabilities")
	keyCipherSuite         = ast.StringTerm("cipher_suite")
	keyClient              = ast.StringTerm("client")
	keyClientCertificate   = ast.StringTerm("client_certificate")
	keyCode                = ast.StringTerm("code")
	keyCommand             = ast.StringTerm("command")
	keyConnected           = ast.StringTerm("connected_ns")
	keyDataplane           = ast.StringTerm("dataplane")
	keyDate                = ast.StringTerm("date")
	keyDelimiter           = ast.StringTerm("delimiter")
	keyDNSNames            = ast.StringTerm("dns_names")
	keyEmailAddresses      = ast.StringTerm("email_addresses")
	keyEnabled             = ast.StringTerm("enabled")
	keyFirst               = ast.StringTerm("first")
	keyFlags               = ast.StringTerm("flags")
	keyFlagsOperation      = ast.StringTerm("flags_operation")
	keyGreeting            = ast.StringTerm("greeting")
	keyID                  = ast.StringTerm("id")
	keyItems               = ast.StringTerm("items")
	keyKind                = ast.StringTerm("kind")
	keyKnown               = ast.StringTerm("known")
	keyLast                = ast.StringTerm("last")
	keyListener            = ast.StringTerm("listener")
	keyLiteral             = ast.StringTerm("literal")
	keyLiteral8            = ast.StringTerm("literal8")
	keyLocal               = ast.StringTerm("local")
	keyMailbox             = ast.StringTerm("mailbox")
	keyMailboxes           = ast.StringTerm("mailboxes")
	keyMechanism           = ast.StringTerm("mechanism")
	keyName                = ast.StringTerm("name")
	keyNewMailbox          = ast.StringTerm("new_mailbox")
	keyNonSync             = ast.StringTerm("non_sync")
	keyPatterns            = ast.StringTerm("patterns")
	keyPort                = ast.StringTerm("port")
	keyReadOnly            = ast.StringTerm("read_only")
	keyReference           = ast.StringTerm("reference")
	keyRoles               = ast.StringTerm("roles")
	keyResponse            = ast.StringTerm("response")
	keySHA256              = ast.StringTerm("sha256")
	keySearchKeys          = ast.StringTerm("search_keys")
	keyServerName          = ast.StringTerm("server_name")
	keySession             = ast.StringTerm("session")
	keySet                 = ast.StringTerm("set")
	keySetSaved            = ast.StringTerm("set_saved")
	keySilent              = ast.StringTerm("silent")
	keySize                = ast.StringTerm("size")
	keyStateNew            = ast.StringTerm("imap_state_new")
	keyStateOld            = ast.StringTerm("imap_state_old")
	keySubject             = ast.StringTerm("subject")
	keyTLS                 = ast.StringTerm("tls")
	keyTag                 = ast.StringTerm("tag")
	keyText                = ast.StringTerm("text")
	keyTruncated           = ast.StringTerm("truncated")
	keyType                = ast.StringTerm("type")
	keyURIs                = ast.StringTerm("uris")
	keyUser                = ast.StringTerm("user")
	keyVersion             = ast.StringTerm("version")
)
