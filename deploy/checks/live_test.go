package checks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"helm.sh/helm/v4/pkg/chart/common"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// pods are the two programs with the volumes and arguments that the chart gives their pods, on this machine's loopback interface.
type pods struct {
	t         *testing.T
	os        objects
	ports     map[string]string
	dataplane *pod
	decider   *pod
}

// freePorts are ports that nobody listens at, by name: below those that the system gives to connections, so that nobody takes them
// before a program listens.
func freePorts(t *testing.T, names ...string) map[string]string {
	t.Helper()
	ports := map[string]string{}
	for _, name := range names {
		for ports[name] == "" {
			port := strconv.Itoa(20000 + rand.IntN(12000))
			l, err := net.Listen("tcp", "0.0.0.0:"+port)
			if err != nil {
				continue
			}
			defer l.Close()
			ports[name] = port
		}
	}
	return ports
}

// startPods renders testdata/live-values.yaml and starts what it has.
func startPods(t *testing.T) *pods {
	t.Helper()
	p := &pods{
		t:     t,
		ports: freePorts(t, "imaps", "imap", "watched", "open", "dead", "nothing", "dataplane", "decider", "decideradmin"),
	}
	p.ports["upstream"], p.ports["logs"] = mailServer(t), logService(t)
	text, err := os.ReadFile("testdata/live-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, port := range p.ports {
		text = bytes.ReplaceAll(text, []byte("%"+name+"%"), []byte(port))
	}
	values, err := common.ReadValues(text)
	if err != nil {
		t.Fatal(err)
	}
	const service = release + "-gatepost-decider." + namespace + ".svc"
	p.os = rendered(t, values)
	files := certificates(t, service)
	p.dataplane = newPod(t, p.os, "dataplane", files, "dns:///"+service, "dns:///localhost")
	p.decider = newPod(t, p.os, "decider", files)
	for _, c := range []*pod{p.decider, p.dataplane} {
		c.start()
	}
	for _, c := range []*pod{p.decider, p.dataplane} {
		wait(p.t, c.component+" is not ready", func() bool {
			_, err := c.probe(c.spec().Containers[0].ReadinessProbe)
			return err == nil
		})
	}
	// With a listener that lets all pass while the decider is away, the dataplane's probe does not wait for that.
	wait(p.t, "the dataplane has no decider", func() bool {
		_, err := fetch("http://127.0.0.2:" + p.ports["dataplane"] + "/readyz")
		return err == nil
	})
	return p
}

// start starts the program, until the test ends.
func (p *pod) start() {
	p.t.Helper()
	run(p.t, p.root+"/log", program(p.t, "gatepost-"+p.component), p.mount()...)
}

// logService takes one upload of the decision log, and refuses those after.
func logService(t *testing.T) (port string) {
	t.Helper()
	var uploads atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if uploads.Add(1) > 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return port
}

// run runs a program until the test ends. What it writes goes to a file, and is shown if the test fails.
func run(t *testing.T, log, program string, args ...string) {
	t.Helper()
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = out.Close()
		if text, _ := os.ReadFile(log); t.Failed() {
			t.Logf("%s: %s", program, text[max(0, len(text)-4000):])
		}
	})
}

// probe does what the kubelet would do: from an address that is not the pod's loopback address.
func (p *pod) probe(probe *corev1.Probe) (string, error) {
	for _, port := range p.spec().Containers[0].Ports {
		if port.Name == probe.HTTPGet.Port.StrVal {
			return fetch(fmt.Sprintf("http://127.0.0.2:%d%s", port.ContainerPort, probe.HTTPGet.Path))
		}
	}
	return "", fmt.Errorf("no port %s", probe.HTTPGet.Port.StrVal)
}

// wait waits for something that must come.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// fetch gets a page that is there.
func fetch(url string) (string, error) {
	client := http.Client{Timeout: patience}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, resp.Status, body)
	}
	return string(body), err
}

// metrics is what a program shows Prometheus.
func (p *pods) metrics(component string) string {
	p.t.Helper()
	port := map[string]string{"dataplane": "dataplane", "decider": "decideradmin"}[component]
	text, err := fetch("http://127.0.0.2:" + p.ports[port] + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// talk has a dialogue with a listener in the clear.
func (p *pods) talk(listener string, commands ...string) []string {
	p.t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+p.ports[listener])
	if err != nil {
		p.t.Fatal(err)
	}
	return dialogue(p.t, conn, commands...)
}

// certificate is the one that the listener imaps shows.
func (p *pods) certificate() *x509.Certificate {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // which it is, is the question
	conn, err := d.DialContext(ctx, "tcp", "127.0.0.1:"+p.ports["imaps"])
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

var refused = regexp.MustCompile(`"msg":"decision".*"command":"DELETE".*"decision":"([^"]+)"`)

// TestPods: with the chart's own configuration, arguments and volumes the two programs start, are found ready by the chart's probes from
// outside, find each other by name with certificates on both sides, and take a changed policy and a changed certificate without a
// restart, when the kubelet swaps a volume.
func TestPods(t *testing.T) {
	p := startPods(t)
	for _, c := range []*pod{p.decider, p.dataplane} {
		if _, err := c.probe(c.spec().Containers[0].LivenessProbe); err != nil {
			t.Error(err)
		}
	}
	remove := func() string {
		answers := p.talk("imap", "LOGIN demo demo", "DELETE Drafts")
		return answers[len(answers)-1]
	}
	if got := remove(); !strings.Contains(got, "NO [NOPERM] folders here are permanent") {
		t.Fatal(got)
	}
	// The id in the dataplane's log finds the record in the decider's, among what else the pod writes: as the runbook has it.
	log := read(t, p.dataplane.root+"/log")
	id := refused.FindStringSubmatch(log)
	if id == nil {
		t.Fatalf("no refusal in the dataplane's log: %s", log)
	}
	wait(t, "the refusal is not explained", func() bool {
		out, err := output(program(t, "gatepost-decider"), "explain", "--log", p.decider.root+"/log", id[1])
		return err == nil && strings.Contains(out, "folders here are permanent")
	})
	policy := named[*corev1.ConfigMap](p.os, release+"-gatepost-policy")
	p.decider.write(p.decider.root+"/etc/gatepost/policy", map[string][]byte{
		"policy.rego":            []byte(policy.Data["policy.rego"]),
		"imap/reasons/data.yaml": []byte("permanent: not today\n"),
	})
	wait(p.t, "the changed policy is not in force", func() bool { return strings.Contains(remove(), "not today") })

	before := p.certificate()
	p.dataplane.write(p.dataplane.root+"/etc/gatepost/secrets/imaps", certificates(t))
	wait(p.t, "the changed certificate is not shown", func() bool { return !p.certificate().Equal(before) })
}
