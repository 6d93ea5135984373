package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// collector takes spans by OTLP, over gRPC and over HTTP.
type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	// grpc and http are the endpoints.
	grpc, http string

	mu    sync.Mutex
	spans []span
	raw   []byte // all that was received
}

// span is a span with the program that sent it.
type span struct {
	*tracev1.Span
	service string
}

func newCollector(t testing.TB) *collector {
	t.Helper()
	c := new(collector)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(s, c)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	h := httptest.NewServer(http.HandlerFunc(c.post))
	t.Cleanup(h.Close)
	c.grpc, c.http = "http://"+l.Addr().String(), h.URL+"/v1/traces"
	return c
}

// Export implements collectorv1.TraceServiceServer.
func (c *collector) Export(_ context.Context, r *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, err := proto.Marshal(r)
	if err != nil {
		return nil, err
	}
	c.raw = append(c.raw, raw...)
	for _, rs := range r.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.spans = append(c.spans, span{s, attributes(rs.Resource.Attributes)["service.name"]})
			}
		}
	}
	return new(collectorv1.ExportTraceServiceResponse), nil
}

func (c *collector) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m := new(collectorv1.ExportTraceServiceRequest)
	if err != nil || proto.Unmarshal(body, m) != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "not OTLP", http.StatusBadRequest)
		return
	}
	answer, _ := c.Export(r.Context(), m)
	body, _ = proto.Marshal(answer)
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(body)
}

// named are the spans of that name.
func (c *collector) named(name string) (found []span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

// below are the children of a span, each of which lies within its time.
func (c *collector) below(t testing.TB, parent span) (found map[string]span) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	found = map[string]span{}
	for _, s := range c.spans {
		if string(s.ParentSpanId) != string(parent.SpanId) {
			continue
		}
		if string(s.TraceId) != string(parent.TraceId) {
			t.Errorf("%s is of another trace than its parent %s", s.Name, parent.Name)
		}
		if s.StartTimeUnixNano < parent.StartTimeUnixNano || s.EndTimeUnixNano < s.StartTimeUnixNano {
			t.Errorf("%s begins before its parent %s, or ends before it begins", s.Name, parent.Name)
		}
		if _, twice := found[s.Name]; twice {
			t.Errorf("%s has two children %s", parent.Name, s.Name)
		}
		found[s.Name] = s
	}
	return found
}

// is a span's attributes.
func (s span) is() map[string]string { return attributes(s.Attributes) }

func attributes(kvs []*commonv1.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range kvs {
		switch v := kv.Value.Value.(type) {
		case *commonv1.AnyValue_StringValue:
			m[kv.Key] = v.StringValue
		case *commonv1.AnyValue_IntValue:
			m[kv.Key] = strconv.FormatInt(v.IntValue, 10)
		case *commonv1.AnyValue_BoolValue:
			m[kv.Key] = strconv.FormatBool(v.BoolValue)
		default:
			m[kv.Key] = kv.Value.String()
		}
	}
	return m
}
