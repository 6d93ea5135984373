package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// bed is what a program serves between: a decider, and a server that answers by itself.
type bed struct{ dir, decider, upstream string }

func newBed(t *testing.T) bed {
	t.Helper()
	dir, err := os.MkdirTemp("", "gp") // a unix socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket, err := net.Listen("unix", filepath.Join(dir, "decider.sock"))
	if err != nil {
		t.Fatal(err)
	}
	decider := grpc.NewServer()
	deciderv1.RegisterDeciderServiceServer(decider, acceptAll{})
	go func() { _ = decider.Serve(socket) }()
	t.Cleanup(decider.Stop)
	return bed{dir, "unix:" + socket.Addr().String(), obedient(t)}
}

// obedient is a server that answers every command with OK.
func obedient(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				p := newPeer(t, conn)
				_, _ = fmt.Fprint(conn, "* PREAUTH ready\r\n")
				for {
					line, err := p.r.ReadString('\n')
					if err != nil {
						return
					}
					tag, _, _ := strings.Cut(line, " ")
					_, _ = fmt.Fprintf(conn, "%s OK done\r\n", tag)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// write writes the configuration: listeners are lines of YAML, and so is what else there is.
func (b bed) write(t *testing.T, listeners string, more ...string) (file string) {
	t.Helper()
	file = filepath.Join(b.dir, "dataplane.yaml")
	text := fmt.Sprintf("listeners:\n%s\nupstream: {address: %q, tls: {mode: off}}\ndecider: {address: %q, deadline: 30s}\n%s\n",
		listeners, b.upstream, b.decider, strings.Join(more, "\n"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run runs the program by the file.
func (b bed) run(t *testing.T, program, file string, env ...string) *running {
	t.Helper()
	r := &running{t: t, dir: b.dir}
	cmd := exec.Command(program, "serve", "--config", file)
	cmd.Env = append(os.Environ(), env...)
	r.start(cmd)
	return r
}

// free is an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// greeted is a session at the address.
func greeted(t *testing.T, address string) *peer {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, conn)
	p.expect("* PREAUTH ready")
	return p
}

// noop shows that the session goes on.
func (p *peer) noop() {
	p.t.Helper()
	p.send("n NOOP")
	p.expect("n OK done")
}
