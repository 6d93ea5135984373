package main

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
)

// TestReload: SIGHUP loads the configuration. Listeners come and go, settings hold for those who connect from then on, sessions go on;
// and what is wrong changes nothing.
func TestReload(t *testing.T) {
	b := newBed(t)
	one, two, local := free(t), free(t), b.dir+"/imap.sock"
	r := b.run(t, itself(t), b.write(t, `  - {name: one, address: "`+one+`"}`))
	r.logged("listening", "")
	early := greeted(t, one)
	hangup := func(event, field string) string {
		t.Helper()
		if err := r.process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		return r.logged(event, field)
	}

	// A listener more, one of another kind, and a bound that is new.
	b.write(t, `  - {name: renamed, address: "`+one+`"}
  - {name: two, address: "`+two+`"}
  - {name: local, address: "unix:`+local+`"}`, "limits: {sessions: 4}")
	hangup("config_loaded", "")
	early.noop()
	greeted(t, one).noop()
	greeted(t, two).noop()
	at := greeted(t, local)
	at.noop()
	// Those from before count.
	conn, err := net.Dial("tcp", one)
	if err != nil {
		t.Fatal(err)
	}
	newPeer(t, conn).expect("* BYE [UNAVAILABLE] too many sessions")

	// What is wrong is named, and changes nothing: neither what cannot be read ...
	b.write(t, `  - {name: one, address: "`+one+`", failure: sometimes}`)
	if got := hangup("config_refused", "error"); !strings.Contains(got, "dataplane.yaml:2: listeners[0].failure: ") {
		t.Errorf("refused with %q", got)
	}
	// ... nor what cannot be listened on, though another listener could.
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	three := free(t)
	b.write(t, `  - {name: three, address: "`+three+`"}
  - {name: taken, address: "`+taken.Addr().String()+`"}`)
	if got := hangup("config_refused", "error"); !strings.Contains(got, "address already in use") {
		t.Errorf("refused with %q", got)
	}
	if _, err := net.Dial("tcp", three); err == nil {
		t.Error("a listener of a refused configuration is open")
	}
	early.noop()
	at.noop()

	// All listeners but one are gone, with the unix socket's file, and their sessions are not.
	b.write(t, `  - {name: two, address: "`+two+`"}`)
	hangup("config_loaded", "")
	for network, address := range map[string]string{"tcp": one, "unix": local} {
		if _, err := net.Dial(network, address); err == nil {
			t.Errorf("%s is still open", address)
		}
	}
	early.noop()
	at.noop()
	greeted(t, two).noop()
}

// TestManyConfigurations: as many configurations as the documentation says have sessions; those of the oldest are told BYE by one more.
func TestManyConfigurations(t *testing.T) {
	b := newBed(t)
	address := free(t)
	r := b.run(t, itself(t), b.write(t, `  - {name: imap, address: "`+address+`"}`))
	r.logged("listening", "")
	sessions := []*peer{greeted(t, address)}
	for n := range 16 {
		b.write(t, `  - {name: imap, address: "`+address+`"}`, fmt.Sprintf("name: dataplane-%d", n))
		if err := r.process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if n < 15 {
			sessions[0].noop()
		}
		r.logged("config_loaded", "")
		sessions = append(sessions, greeted(t, address))
	}
	sessions[0].expect("* BYE [UNAVAILABLE] the service is shutting down")
	for _, p := range sessions[1:] {
		p.noop()
	}
}
