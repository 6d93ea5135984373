// Package sasl reads who logs in from the first SASL response of a client. It checks no secret and keeps none.
package sasl

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	gosasl "github.com/emersion/go-sasl"
)

// Identity is who logs in.
type Identity struct {
	// User is the authentication identity; empty: the mechanism does not show it.
	User string
	// Authorization is the authorization identity; empty: the same.
	Authorization string
}

// FirstChallenge is the challenge, in base64, on which a client's first response names the identity without depending on
// anything the server says; false: the mechanism has none, and the identity is not known before the server is asked.
func FirstChallenge(mechanism string) (challenge string, ok bool) {
	switch {
	case mechanism == "LOGIN":
		return "VXNlcm5hbWU6", true // "Username:" (draft-murchison-sasl-login)
	case readers[mechanism] != nil, strings.HasPrefix(mechanism, "SCRAM-"):
		return "", true
	}
	return "", false
}

// Identify reads the identity from a client's first response, in base64. A mechanism that shows none gives a zero Identity.
func Identify(mechanism string, response []byte) (Identity, error) {
	read := readers[mechanism]
	if strings.HasPrefix(mechanism, "SCRAM-") {
		read = scram
	}
	raw, err := Decode(response)
	if err != nil {
		return Identity{}, err
	}
	if read == nil {
		return Identity{}, nil
	}
	id, err := read(raw)
	if err != nil {
		return Identity{}, fmt.Errorf("sasl: malformed %s response", mechanism)
	}
	if !wellFormed(id.User) || !wellFormed(id.Authorization) {
		return Identity{}, fmt.Errorf("sasl: malformed identity in %s response", mechanism)
	}
	return id, nil
}

// Decode decodes a response (RFC 9051 section 9, base64). Go's decoder skips line breaks; here they are an error.
func Decode(response []byte) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(string(response))
	if err != nil || bytes.ContainsAny(response, "\r\n") {
		return nil, errors.New("sasl: a response is base64")
	}
	return raw, nil
}

// wellFormed: UTF-8 without control characters (RFC 4616 section 2, RFC 4013).
func wellFormed(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

var errMalformed = errors.New("malformed")

var readers = map[string]func([]byte) (Identity, error){
	"PLAIN":       plain,
	"LOGIN":       login,
	"EXTERNAL":    external,
	"ANONYMOUS":   anonymous,
	"OAUTHBEARER": oauthBearer,
	"XOAUTH2":     xoauth2,
}

// plain: RFC 4616.
func plain(raw []byte) (id Identity, err error) {
	_, _, err = gosasl.NewPlainServer(func(identity, username, _ string) error {
		id = identities(username, identity)
		return nil
	}).Next(raw)
	if err == nil && id.User == "" {
		err = errMalformed
	}
	return id, err
}

// login: the first response is the user name.
func login(raw []byte) (Identity, error) {
	if len(raw) == 0 {
		return Identity{}, errMalformed
	}
	return Identity{User: string(raw)}, nil
}

// external: RFC 4422 appendix A. The authentication identity comes from outside of SASL.
func external(raw []byte) (Identity, error) { return Identity{Authorization: string(raw)}, nil }

// anonymous: RFC 4505. The trace is not an identity.
func anonymous([]byte) (Identity, error) { return Identity{User: "anonymous"}, nil }

// oauthBearer: RFC 7628. Without an authorization identity the token alone tells who it is.
func oauthBearer(raw []byte) (id Identity, err error) {
	read := false
	_, _, err = gosasl.NewOAuthBearerServer(func(o gosasl.OAuthBearerOptions) *gosasl.OAuthBearerError {
		id, read = Identity{User: saslName(o.Username)}, true
		return nil
	}).Next(raw)
	if err == nil && !read {
		err = errMalformed
	}
	return id, err
}

// xoauth2: "user=" name ^A "auth=Bearer " token ^A ^A. No RFC and no library for the server's side of it.
func xoauth2(raw []byte) (Identity, error) {
	user, rest, ok := strings.Cut(string(raw), "\x01")
	name, isUser := strings.CutPrefix(user, "user=")
	if !ok || !isUser || name == "" || !strings.HasPrefix(rest, "auth=") || !strings.HasSuffix(rest, "\x01\x01") {
		return Identity{}, errMalformed
	}
	return Identity{User: name}, nil
}

// scram: the client-first-message of RFC 5802 section 7. No library reads it without knowing a password.
func scram(raw []byte) (Identity, error) {
	parts := strings.Split(string(raw), ",")
	if len(parts) < 4 || parts[0] != "n" && parts[0] != "y" {
		// "p=" binds to the TLS channel, which ends at the dataplane.
		return Identity{}, errMalformed
	}
	authz, ok := strings.CutPrefix(parts[1], "a=")
	if !ok && parts[1] != "" {
		return Identity{}, errMalformed
	}
	user, ok := strings.CutPrefix(parts[2], "n=")
	if !ok || user == "" {
		return Identity{}, errMalformed
	}
	return identities(saslName(user), saslName(authz)), nil
}

// saslName decodes RFC 5801's and RFC 5802's saslname.
func saslName(s string) string {
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s)
}

func identities(user, authorization string) Identity {
	if authorization == user {
		authorization = ""
	}
	return Identity{User: user, Authorization: authorization}
}
