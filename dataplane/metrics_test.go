package dataplane_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/grpc"

	"github.com/gatepost/gatepost/dataplane"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
	"github.com/gatepost/gatepost/dataplane/internal/tlstest"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// revised is a decider that tells its revision.
type revised struct{ decider }

func (revised) WatchRevision(_ *deciderv1.WatchRevisionRequest, s grpc.ServerStreamingServer[deciderv1.WatchRevisionResponse]) error {
	if err := s.Send(&deciderv1.WatchRevisionResponse{Revision: "r-1"}); err != nil {
		return err
	}
	<-s.Context().Done()
	return nil
}

// admin asks the listener for metrics and health.
func (b *bed) admin(path string) (code int, body string) {
	b.t.Helper()
	r, err := http.Get("http://" + b.dp.AdminAddr().String() + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, string(data)
}

// METRICS.md has every metric, with its type, labels and help, and no other; and each counts what it says.
func TestMetrics(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "d.sock")
	decideBy(t, socket, revised{})
	certificate, key := tlstest.Files(t, tlstest.NewCA(t).Issue(), t.TempDir(), "tls")
	b := newBed(t, socket, func(c *dataplane.Config) {
		c.Admin.Address = ":0"
		off := dataplane.ClientTLS{Mode: "off"}
		c.Listeners = append(c.Listeners,
			dataplane.Listener{Name: "observed", Address: "127.0.0.1:0", Observe: true},
			dataplane.Listener{Name: "gone", Address: "127.0.0.1:0", Upstream: &dataplane.Upstream{Address: "unix:" + filepath.Join(t.TempDir(), "none"), TLS: off}},
			dataplane.Listener{Name: "imaps", Address: "127.0.0.1:0", TLS: dataplane.ListenerTLS{Mode: "implicit",
				Certificates: []dataplane.Certificate{{Certificate: certificate, Key: key}}}})
	})
	client, server := b.open()
	client.send("a1 DELETE Drafts")
	client.expect("a1 NO [NOPERM] folders here are permanent")
	client.send("a2 XPURGE Drafts")
	server.expect("a2 XPURGE Drafts")
	server.conn.Close()
	client.expect("* BYE [UNAVAILABLE] server closed the connection")

	conn, err := net.Dial("tcp", b.dp.Addr("gone").String())
	gone := newPeer(t, conn, err)
	gone.expect("* BYE [UNAVAILABLE] server unreachable")

	conn, err = net.Dial("tcp", b.dp.Addr("observed").String())
	client = newPeer(t, conn, err)
	conn, err = b.server.Accept()
	server = newPeer(t, conn, err)
	server.send("* PREAUTH ready")
	client.expect("* PREAUTH ready")
	client.send("a1 DELETE Drafts\r\na2 XFAULT")
	for _, line := range []string{"a1 DELETE Drafts", "a2 XFAULT"} {
		server.expect(line)
	}
	if e := b.log.entry(t, "policy_error"); e["observed"] != true || e["listener"] != "observed" {
		t.Errorf("the log has %v", e)
	}

	var page string
	for _, want := range []string{
		`gatepost_dataplane_events_total{event="decision",listener="imap",observed="false",verdict="IMAP_REQ_REJECT"} 1`,
		`gatepost_dataplane_events_total{event="upstream_failed",listener="imap",observed="false",verdict=""} 1`,
		`gatepost_dataplane_decisions_total{class="mailbox",kind="command",listener="imap",observed="false",outcome="policy",verdict="IMAP_REQ_REJECT"} 1`,
		`gatepost_dataplane_decisions_total{class="other",kind="command",listener="imap",observed="false",outcome="policy",verdict="IMAP_REQ_ACCEPT"} 1`,
		`gatepost_dataplane_decisions_total{class="mailbox",kind="command",listener="observed",observed="true",outcome="policy",verdict="IMAP_REQ_REJECT"} 1`,
		`gatepost_dataplane_decisions_total{class="other",kind="command",listener="observed",observed="true",outcome="error",verdict=""} 1`,
		`gatepost_dataplane_upstream_errors_total{listener="gone",reason="connect"} 1`,
		`gatepost_dataplane_upstream_errors_total{listener="imap",reason="closed"} 1`,
		`gatepost_dataplane_octets_total{listener="observed",side="client"} 29`,
		`gatepost_dataplane_octets_total{listener="observed",side="server"} 17`,
		`gatepost_dataplane_sessions 1`,
		`gatepost_dataplane_decider_connected 1`,
		`gatepost_dataplane_decider_revision_info{replica="` + socket + `",revision="r-1"} 1`,
		`gatepost_dataplane_decider_streams{replica="` + socket + `"} 0`, // it knows none
		`gatepost_dataplane_decider_silent{replica="` + socket + `"} 0`,
		`gatepost_dataplane_decider_questions_again_total{reason="refused"} 0`,
		`gatepost_dataplane_decider_answers_late_total 0`,
		`gatepost_dataplane_answer_seconds_count{result="policy_error"} 1`,
		`go_goroutines `,
		`process_start_time_seconds `,
	} {
		for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			_, page = b.admin("/metrics")
			if strings.Contains(page, want+"\n") || strings.HasSuffix(want, " ") && strings.Contains(page, want) {
				break
			}
			if time.Now().After(end) {
				t.Errorf("no %s in\n%s", want, page)
				break
			}
		}
	}
	if strings.Contains(page, "XPURGE") || strings.Contains(page, "XFAULT") {
		t.Error("a command's name is a label")
	}
	documented(t, page)
}

var row = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| (.*?) ?\\| (.*) \\|$")

// documented compares METRICS.md to a page of metrics.
func documented(t *testing.T, page string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		says[m[1]] = strings.Join(m[2:], " | ")
	}
	for name, f := range families {
		if !strings.HasPrefix(name, "gatepost_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		slices.Sort(labels)
		is := strings.Join([]string{strings.ToLower(f.GetType().String()), strings.Join(labels, " "), f.GetHelp()}, " | ")
		if says[name] != is {
			t.Errorf("METRICS.md should have\n| `%s` | %s |\nand has %q", name, is, says[name])
		}
		delete(says, name)
	}
	for name := range says {
		t.Errorf("METRICS.md has %s, which is not there", name)
	}
}

// The process is well as long as it runs, and ready while the decider is connected. Only this machine gets profiles unless all are
// to have them.
func TestAdmin(t *testing.T) {
	for _, c := range []struct {
		address  string
		profiles bool
		want     int
	}{{":0", false, 200}, {"0.0.0.0:0", false, 404}, {"0.0.0.0:0", true, 200}} {
		socket := filepath.Join(t.TempDir(), "d.sock")
		stop := decide(t, socket)
		b := newBed(t, socket, func(conf *dataplane.Config) {
			conf.Admin.Address, conf.Admin.Profiles = c.address, c.profiles
		})
		if a := b.dp.AdminAddr().(*net.TCPAddr); a.IP.IsLoopback() != (c.address == ":0") {
			t.Errorf("%s is %v", c.address, a)
		}
		if code, _ := b.admin("/debug/pprof/"); code != c.want {
			t.Errorf("profiles at %s: %d, want %d", c.address, code, c.want)
		}
		ready := func(want int) {
			t.Helper()
			for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
				code, _ := b.admin("/readyz")
				if code == want {
					return
				}
				if time.Now().After(end) {
					t.Fatalf("/readyz: %d, want %d", code, want)
				}
			}
		}
		ready(http.StatusOK)
		stop()
		ready(http.StatusServiceUnavailable)
		if code, _ := b.admin("/healthz"); code != http.StatusOK {
			t.Errorf("/healthz: %d", code)
		}
	}
}

// A unix socket is for operators too.
func TestAdminOverUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	socket := filepath.Join(t.TempDir(), "d.sock")
	decide(t, socket)
	newBed(t, socket, func(c *dataplane.Config) { c.Admin.Address = "unix:" + path })
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}}
	r, err := client.Get("http://admin/healthz")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %d", r.StatusCode)
	}
}

// Every command that the dataplane knows has a class.
func TestClasses(t *testing.T) {
	for c := range syntax.Commands() {
		if class := deciderv1.CommandClass(c.Name); class == "other" || class == "none" {
			t.Errorf("%s is of class %s", c.Name, class)
		}
	}
}
