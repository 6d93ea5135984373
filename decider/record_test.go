package decider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gatepost/gatepost/decider"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// A record says who asked for what, from where and by what TLS, for which trace, and how long deciding took. Of a literal it
// has size and hash, and not the text; of a secret, that there was one. It tells a question that was put twice, and what was
// observed and not obeyed.
func TestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "d.json")
	r := run(t, rules, func(c *decider.Config, _ *decider.Options) { c.DecisionLog.File = &decider.File{Path: name} })
	text := []byte("Subject: a secret of hers")
	literal := func(l *deciderv1.Literal) *deciderv1.Argument {
		return &deciderv1.Argument{Value: &deciderv1.Argument_Literal{Literal: l}}
	}
	q := &deciderv1.Question{
		Session: &deciderv1.Session{
			Id: "s1", Dataplane: "mx1", Listener: "imaps", User: "anna", AuthorizationIdentity: "shared", Mechanism: "PLAIN",
			Client: &deciderv1.Endpoint{Address: "192.0.2.7", Port: 40000},
			Local:  &deciderv1.Endpoint{Address: "198.51.100.1", Port: 993},
			Tls: &deciderv1.Tls{Version: "1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "imap.example.org",
				ClientCertificate: &deciderv1.ClientCertificate{Subject: "CN=anna", Sha256: "00ff"}},
		},
		ImapStateOld: deciderv1.ImapState_IMAP_STATE_SELECTED,
		ImapStateNew: deciderv1.ImapState_IMAP_STATE_AUTHENTICATED,
		Event: &deciderv1.Question_Command{Command: &deciderv1.Command{Tag: []byte("a1"), Name: "NOOP", Known: true,
			Args: []*deciderv1.Argument{
				literal(&deciderv1.Literal{Size: uint64(len(text)), Text: text}),
				{Value: &deciderv1.Argument_List{List: &deciderv1.List{Kind: deciderv1.ListKind_LIST_KIND_PARENTHESES,
					Items: []*deciderv1.Argument{literal(&deciderv1.Literal{Size: 1 << 30})}}}},
				{Value: &deciderv1.Argument_Secret{Secret: new(deciderv1.Secret)}},
			}}},
	}
	q.Ask, q.Attempt, q.Observe = 7, 1, true
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for _, parent := range []string{"00-" + trace + "-" + span + "-01", "00-" + trace + "-0000000000000000-01"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", parent)
		if _, err := r.client.Decide(ctx, &deciderv1.DecideRequest{Question: q}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := r.client.DecideStream(metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-"+trace+"-"+span+"-00"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(&deciderv1.DecideStreamRequest{Id: 1, Question: q}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); err != nil {
		t.Fatal(err)
	}
	_ = s.CloseSend()
	r.stop()

	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := sha256.Sum256(text)
	dec := json.NewDecoder(f)
	for _, traced := range []bool{true, false, true} {
		var rec struct {
			TraceID string `json:"trace_id"`
			SpanID  string `json:"span_id"`
			Input   struct {
				Kind    string
				Old     string `json:"imap_state_old"`
				New     string `json:"imap_state_new"`
				Session map[string]any
				Command struct{ Args []any }
			}
			Custom struct {
				Ask, Attempt int
				Observe      bool
				Literals     []any
			}
			Mapped  any `json:"mapped_result"`
			Metrics map[string]int64
		}
		if err := dec.Decode(&rec); err != nil {
			t.Fatal(err)
		}
		if traced != (rec.TraceID == trace && rec.SpanID == span) || !traced && rec.TraceID+rec.SpanID != "" {
			t.Errorf("trace %q, span %q", rec.TraceID, rec.SpanID)
		}
		if rec.Metrics["timer_server_handler_ns"] <= 0 || rec.Input.Kind != "command" || rec.Input.Old != "selected" || rec.Input.New != "authenticated" {
			t.Errorf("record %+v", rec)
		}
		if c := rec.Custom; c.Ask != 7 || c.Attempt != 1 || !c.Observe {
			t.Errorf("custom %+v", c)
		}
		for _, c := range []struct{ what, got, want any }{
			{"session", rec.Input.Session, map[string]any{
				"id": "s1", "dataplane": "mx1", "listener": "imaps", "user": "anna", "authorization_identity": "shared", "mechanism": "PLAIN",
				"client": map[string]any{"address": "192.0.2.7", "port": 40000.}, "local": map[string]any{"address": "198.51.100.1", "port": 993.},
				"tls": map[string]any{"version": "1.3", "cipher_suite": "TLS_AES_128_GCM_SHA256", "server_name": "imap.example.org",
					"client_certificate": map[string]any{"subject": "CN=anna", "sha256": "00ff"}},
				"authentication_failures": 0.,
			}},
			{"arguments", rec.Input.Command.Args, []any{"<LITERAL>", []any{"(", "<LITERAL>"}, "<SECRET>"}},
			{"literals", rec.Custom.Literals, []any{
				map[string]any{"size": float64(len(text)), "sha256": hex.EncodeToString(sum[:])}, map[string]any{"size": float64(1 << 30)}}},
			{"what was obeyed", rec.Mapped, map[string]any{"verdict": "IMAP_REQ_ACCEPT"}},
		} {
			if !reflect.DeepEqual(c.got, c.want) {
				t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
			}
		}
	}
}
