package config

import "testing"

func TestDecider(t *testing.T) {
	for _, c := range []struct {
		in   string
		mode string // of TLS
		name string // of the server
	}{
		{`address: "unix:/run/d.sock"`, TLSOff, ""},
		{`address: "decider:9000"`, TLSImplicit, "decider"},
		{`address: "dns:///decider:9000"`, TLSImplicit, "decider"},
		{`address: "10.0.0.1:9000"`, TLSImplicit, "10.0.0.1"},
		{`addresses: ["unix:/run/a.sock", "unix:/run/b.sock"]`, TLSOff, ""},
		{`addresses: ["a:9000", "b:9000"]`, TLSImplicit, ""}, // each its own
		{`addresses: ["10.0.0.1:9000", "unix:/run/b.sock"], tls: {server_name: decider}`, TLSImplicit, "decider"},
		{`addresses: ["10.0.0.1:9000", "10.0.0.2:9000"], tls: {mode: "off"}`, TLSOff, ""},
		{`addresses: ["10.0.0.1:9000"], tls: {insecure_skip_verify: true}`, TLSImplicit, ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			got, err := Parse("dataplane.yaml", []byte(`
listeners: [{name: imap, address: "127.0.0.1:1143"}]
upstream: {address: "mail.example:993"}
decider: {`+c.in+`}
`))
			if err != nil {
				t.Fatal(err)
			}
			tc, err := got.Decider.TLSConfig()
			if err != nil || got.Decider.TLS.Mode != c.mode || (tc != nil) != (c.mode != TLSOff) || tc != nil && tc.ServerName != c.name {
				t.Errorf("%+v, %v, %+v", tc, err, got.Decider.TLS)
			}
			if got.Decider.Streams != 2 || got.Decider.Silence != 0.4 {
				t.Errorf("%+v", got.Decider)
			}
		})
	}
}
