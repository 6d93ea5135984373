package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"embed"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"
)

//go:embed testdata
var files embed.FS

// target is a proxy that runs, or the server itself.
type target struct {
	name string
	// addr is where clients connect; a leg that is not there is not served.
	addr map[leg]string
	// processes are those whose processor time and memory count.
	processes []*process
	// deciders are counted by themselves.
	deciders []*process
}

// bed is what all targets share.
type bed struct {
	dir      string
	ports    ports
	backend  backend
	password string
	// plain and secure are the server's addresses; auth is where nginx asks for them.
	plain, secure, auth string
	pem                 string // the certificate with its key
	accounts            int    // in the policy by account
	programs            map[string]string
	targets             []*target
	stops               []func()
}

// newBed starts the server.
func newBed(server backend, programs map[string]string, accounts int) (b *bed, err error) {
	b = &bed{backend: server, programs: programs, password: "tr0ub4dor", accounts: accounts}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "gatepost-bench-"); err != nil {
		return b, err
	}
	b.stops = append(b.stops, func() { _ = os.RemoveAll(b.dir) })
	if err := os.Chmod(b.dir, 0o755); err != nil {
		return b, err
	}
	if err := b.certificate(); err != nil {
		return b, err
	}
	for _, addr := range []*string{&b.plain, &b.secure, &b.auth} {
		if *addr, err = b.ports.address(); err != nil {
			return b, err
		}
	}
	if err := server.start(b); err != nil {
		return b, err
	}
	b.targets = append(b.targets, &target{name: direct, addr: map[leg]string{plain: b.plain, toClient: b.secure, both: b.secure}})
	return b, b.serveAuth()
}

func (b *bed) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bed) close() {
	for i := len(b.stops) - 1; i >= 0; i-- {
		b.stops[i]()
	}
}

// certificate makes a self-signed one, in a directory of its own: the dataplane watches where its certificates are, and would be told of every line
// that any log here gets.
func (b *bed) certificate() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	b.pem = b.path("tls/both.pem")
	if err := os.Mkdir(b.path("tls"), 0o755); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(b.path("tls/cert.pem"), chain, 0o644),
		os.WriteFile(b.path("tls/key.pem"), private, 0o644),
		os.WriteFile(b.pem, append(chain, private...), 0o644),
	)
}

// write makes a file from a template.
func (b *bed) write(name, from string, data any) (path string, err error) {
	t, err := template.ParseFS(files, "testdata/"+from)
	if err != nil {
		return "", err
	}
	path = b.path(name)
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, errors.Join(t.Execute(f, data), f.Close())
}

// filled is what the templates of configurations are filled with.
type filled struct {
	Name, Dir, Pem             string
	Plain, TLS, Both           string
	Server, SecureServer, Auth string
	Decider, Policy, Audit     string
	// Deciders are the sockets of all, Decider that of one.
	Deciders []string
}

// add starts a target.
func (b *bed) add(name string) error {
	f := filled{Name: name, Dir: b.dir, Pem: b.pem, Server: b.plain, SecureServer: b.secure, Auth: b.auth}
	for _, addr := range []*string{&f.Plain, &f.TLS, &f.Both} {
		var err error
		if *addr, err = b.ports.address(); err != nil {
			return err
		}
	}
	t := &target{name: name, addr: map[leg]string{plain: f.Plain, toClient: f.TLS, both: f.Both}}
	var err error
	switch v, ok := variants[name]; {
	case ok:
		err = b.gatepost(t, f, v)
	case name == "nginx":
		delete(t.addr, both) // its mail proxy has no TLS towards servers
		err = b.run(t, f, "nginx.conf", "nginx", func(conf string) []string { return []string{"-c", conf, "-e", b.path("nginx.err")} })
	case name == "haproxy", name == "haproxy-splice":
		err = b.run(t, f, name+".cfg", "haproxy", func(conf string) []string { return []string{"-db", "-f", conf} })
	default:
		err = errors.New("no target " + name)
	}
	if err != nil {
		return err
	}
	b.targets = append(b.targets, t)
	return nil
}

// run starts a proxy of one process.
func (b *bed) run(t *target, f filled, from, program string, args func(conf string) []string) error {
	conf, err := b.write(t.name+".conf", from, f)
	if err != nil {
		return err
	}
	path, err := exec.LookPath(program)
	if err != nil {
		path = "/usr/sbin/" + program
	}
	p, err := start(b.dir, t.name, path, args(conf)...)
	if err != nil {
		return err
	}
	b.stops = append(b.stops, p.stop)
	t.processes = []*process{p}
	return p.accepts("tcp", f.Plain)
}

const direct = "direct"

// variant is a dataplane with its decider.
type variant struct {
	// policy is a directory below testdata/policy; empty: the default policy.
	policy string
	// audit is the listener's setting; empty: its default.
	audit string
	// more is how many deciders there are beside the one.
	more int
}

// variants are those of Gatepost that are measured.
var variants = map[string]variant{
	"gatepost-accept":         {policy: "accept"},
	"gatepost":                {},
	"gatepost-per-user":       {policy: "per-user"},
	"gatepost-asked":          {audit: "strict"}, // each decision is asked for
	"gatepost-per-user-asked": {policy: "per-user", audit: "strict"},
	"gatepost-asked-2":        {audit: "strict", more: 1},
	"gatepost-asked-3":        {audit: "strict", more: 2},
}

// gatepost starts its deciders and a dataplane.
func (b *bed) gatepost(t *target, f filled, v variant) error {
	f.Audit = v.audit
	if v.policy != "" {
		f.Policy = b.path(v.policy)
		if err := b.policy(v.policy); err != nil {
			return err
		}
	}
	for i := range 1 + v.more {
		if err := b.decider(t, &f, i); err != nil {
			return err
		}
	}
	conf, err := b.write(t.name+".yaml", "dataplane.yaml", f)
	if err != nil {
		return err
	}
	p, err := start(b.dir, t.name, b.programs["dataplane"], "serve", "--config", conf)
	if err != nil {
		return err
	}
	b.stops = append(b.stops, p.stop)
	t.processes = []*process{p}
	return p.accepts("tcp", f.Plain)
}

// decider starts one, and adds its address to those of the dataplane.
func (b *bed) decider(t *target, f *filled, number int) error {
	name := fmt.Sprintf("%s-decider-%d", t.name, number)
	f.Decider = b.path(name + ".sock")
	f.Deciders = append(f.Deciders, f.Decider)
	conf, err := b.write(name+".yaml", "decider.yaml", *f)
	if err != nil {
		return err
	}
	p, err := start(b.dir, name, b.programs["decider"], "serve", "--config", conf)
	if err != nil {
		return err
	}
	b.stops = append(b.stops, p.stop)
	t.deciders = append(t.deciders, p)
	return p.accepts("unix", f.Decider)
}

// policy writes a policy's directory.
func (b *bed) policy(name string) error {
	dir := b.path(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := files.ReadFile("testdata/policy/" + name + "/policy.rego")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "policy.rego"), text, 0o644); err != nil || name != "per-user" {
		return err
	}
	data := filepath.Join(dir, "imap", "policy")
	return errors.Join(os.MkdirAll(data, 0o755), os.WriteFile(filepath.Join(data, "data.json"), accounts(b.accounts), 0o644))
}
