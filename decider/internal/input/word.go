package input

import (
	"github.com/gatepost/gatepost/decider/internal/document"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// What documents have as values.
var (
	wordStar        = document.NewWord("*")
	wordUntagged    = document.NewWord("UNTAGGED")
	wordTagged      = document.NewWord("TAGGED")
	wordGreeting    = document.NewWord("GREETING")
	wordUnsolicited = document.NewWord("UNSOLICITED")
	wordLiteral     = document.NewWord("<LITERAL>")
	wordSecret      = document.NewWord("<SECRET>")

	kindWord = map[Kind]*document.Word{
		Greeting: document.NewWord(string(Greeting)),
		Command:  document.NewWord(string(Command)),
		Untagged: document.NewWord(string(Untagged)),
		Tagged:   document.NewWord(string(Tagged)),
	}
	stateWord = map[deciderv1.ImapState]*document.Word{
		deciderv1.ImapState_IMAP_STATE_NOT_AUTHENTICATED: document.NewWord("not_authenticated"),
		deciderv1.ImapState_IMAP_STATE_AUTHENTICATED:     document.NewWord("authenticated"),
		deciderv1.ImapState_IMAP_STATE_SELECTED:          document.NewWord("selected"),
		deciderv1.ImapState_IMAP_STATE_LOGOUT:            document.NewWord("logout"),
	}
	listWord = map[deciderv1.ListKind]*document.Word{
		deciderv1.ListKind_LIST_KIND_PARENTHESES: document.NewWord("("),
		deciderv1.ListKind_LIST_KIND_BRACKETS:    document.NewWord("["),
		deciderv1.ListKind_LIST_KIND_COMMA:       document.NewWord(","),
	}
	// roleWord has the special uses that the contract knows.
	roleWord = func() map[string]*document.Word {
		words := map[string]*document.Word{}
		for _, role := range []string{"all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash"} {
			words[role] = document.NewWord(role)
		}
		return words
	}()
)

// The names of members.
var (
	keyAddress             = document.NewWord("address")
	keyAppendData          = document.NewWord("append_data")
	keyArgs                = document.NewWord("args")
	keyAuthenticationFails = document.NewWord("authentication_failures")
	keyAuthorizationID     = document.NewWord("authorization_identity")
	keyCapabilities        = document.NewWord("capabilities")
	keyCipherSuite         = document.NewWord("cipher_suite")
	keyClient              = document.NewWord("client")
	keyClientCertificate   = document.NewWord("client_certificate")
	keyCode                = document.NewWord("code")
	keyCommand             = document.NewWord("command")
	keyConnected           = document.NewWord("connected_ns")
	keyDataplane           = document.NewWord("dataplane")
	keyDate                = document.NewWord("date")
	keyDelimiter           = document.NewWord("delimiter")
	keyDNSNames            = document.NewWord("dns_names")
	keyEmailAddresses      = document.NewWord("email_addresses")
	keyEnabled             = document.NewWord("enabled")
	keyFirst               = document.NewWord("first")
	keyFlags               = document.NewWord("flags")
	keyFlagsOperation      = document.NewWord("flags_operation")
	keyGreeting            = document.NewWord("greeting")
	keyID                  = document.NewWord("id")
	keyItems               = document.NewWord("items")
	keyKind                = document.NewWord("kind")
	keyKnown               = document.NewWord("known")
	keyLast                = document.NewWord("last")
	keyListener            = document.NewWord("listener")
	keyLiteral             = document.NewWord("literal")
	keyLiteral8            = document.NewWord("literal8")
	keyLocal               = document.NewWord("local")
	keyMailbox             = document.NewWord("mailbox")
	keyMailboxes           = document.NewWord("mailboxes")
	keyMechanism           = document.NewWord("mechanism")
	keyName                = document.NewWord("name")
	keyNewMailbox          = document.NewWord("new_mailbox")
	keyNonSync             = document.NewWord("non_sync")
	keyPatterns            = document.NewWord("patterns")
	keyPort                = document.NewWord("port")
	keyReadOnly            = document.NewWord("read_only")
	keyReference           = document.NewWord("reference")
	keyRoles               = document.NewWord("roles")
	keyResponse            = document.NewWord("response")
	keySHA256              = document.NewWord("sha256")
	keySearchKeys          = document.NewWord("search_keys")
	keyServerName          = document.NewWord("server_name")
	keySession             = document.NewWord("session")
	keySet                 = document.NewWord("set")
	keySetSaved            = document.NewWord("set_saved")
	keySilent              = document.NewWord("silent")
	keySize                = document.NewWord("size")
	keyStateNew            = document.NewWord("imap_state_new")
	keyStateOld            = document.NewWord("imap_state_old")
	keySubject             = document.NewWord("subject")
	keyTLS                 = document.NewWord("tls")
	keyTag                 = document.NewWord("tag")
	keyText                = document.NewWord("text")
	keyTruncated           = document.NewWord("truncated")
	keyType                = document.NewWord("type")
	keyURIs                = document.NewWord("uris")
	keyUser                = document.NewWord("user")
	keyVersion             = document.NewWord("version")
)
