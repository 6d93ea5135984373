package sasl

import (
	"encoding/base64"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/corpus"
)

func TestIdentify(t *testing.T) {
	for _, tc := range []struct {
		note, mechanism, response string
		want                      Identity
		fails                     bool
	}{
		{"PLAIN, RFC 4616 section 4", "PLAIN", "\x00tim\x00tanstaaftanstaaf", Identity{User: "tim"}, false},
		{"PLAIN with an authorization identity", "PLAIN", "Ursel\x00Kurt\x00xipj3plmq", Identity{"Kurt", "Ursel"}, false},
		{"PLAIN with the same identity twice", "PLAIN", "tim\x00tim\x00pw", Identity{User: "tim"}, false},
		{"PLAIN without a user", "PLAIN", "\x00\x00pw", Identity{}, true},
		{"PLAIN with a fourth part", "PLAIN", "\x00a\x00b\x00c", Identity{}, true},
		{"PLAIN with a line break in the name", "PLAIN", "\x00a\nb\x00pw", Identity{}, true},
		{"PLAIN that is not UTF-8", "PLAIN", "\x00a\xff\x00pw", Identity{}, true},
		{"LOGIN", "LOGIN", "tim", Identity{User: "tim"}, false},
		{"LOGIN with nothing", "LOGIN", "", Identity{}, true},
		{"EXTERNAL", "EXTERNAL", "tim", Identity{Authorization: "tim"}, false},
		{"ANONYMOUS", "ANONYMOUS", "trace", Identity{User: "anonymous"}, false},
		{"OAUTHBEARER, RFC 7628 section 4.1", "OAUTHBEARER", "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01", Identity{User: "user@example.com"}, false},
		{"OAUTHBEARER without a name", "OAUTHBEARER", "n,,\x01auth=Bearer x\x01\x01", Identity{}, false},
		{"OAUTHBEARER cut short", "OAUTHBEARER", "n,a=user", Identity{}, true},
		{"XOAUTH2", "XOAUTH2", "user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2\x01\x01", Identity{User: "someuser@example.com"}, false},
		{"XOAUTH2 without its end", "XOAUTH2", "user=a\x01auth=Bearer x\x01", Identity{}, true},
		{"SCRAM-SHA-256, RFC 7677 section 3", "SCRAM-SHA-256", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Identity{User: "user"}, false},
		{"SCRAM with an authorization identity and escapes", "SCRAM-SHA-1", "y,a=b=2Cc,n=a=3Db,r=x", Identity{"a=b", "b,c"}, false},
		{"SCRAM bound to the channel", "SCRAM-SHA-1", "p=tls-unique,,n=user,r=x", Identity{}, true},
		{"a mechanism that shows nothing", "GSSAPI", "\x00\x01", Identity{}, false},
	} {
		t.Run(tc.note, func(t *testing.T) {
			got, err := Identify(tc.mechanism, []byte(base64.StdEncoding.EncodeToString([]byte(tc.response))))
			if got != tc.want || (err != nil) != tc.fails {
				t.Errorf("got %+v, %v, want %+v, fails %v", got, err, tc.want, tc.fails)
			}
		})
	}
	for _, bad := range []string{"===", "dGlt dGlt", "dGl", "dGlt\r", "*"} {
		if _, err := Identify("LOGIN", []byte(bad)); err == nil {
			t.Errorf("%q passed for base64", bad)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	corpus.Add(f, "testdata/FuzzIdentify.corpus")
	f.Add("PLAIN", []byte("\x00tim\x00pw"))
	f.Add("SCRAM-SHA-1", []byte("n,,n=user,r=x"))
	f.Add("OAUTHBEARER", []byte("n,a=u,\x01auth=Bearer x\x01\x01"))
	f.Add("XOAUTH2", []byte("user=u\x01auth=Bearer x\x01\x01"))
	f.Fuzz(func(t *testing.T, mechanism string, raw []byte) {
		id, err := Identify(mechanism, []byte(base64.StdEncoding.EncodeToString(raw)))
		if err != nil && id != (Identity{}) {
			t.Errorf("an error and an identity: %+v", id)
		}
		if !wellFormed(id.User) || !wellFormed(id.Authorization) {
			t.Errorf("malformed identity %+q", id)
		}
	})
}
