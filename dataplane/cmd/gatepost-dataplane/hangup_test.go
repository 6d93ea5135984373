package main

import (
	"crypto/tls"
	"syscall"
	"testing"
	"time"
)

// TestHangup: SIGHUP loads a certificate that has changed, and sessions go on.
func TestHangup(t *testing.T) {
	r := serve(t, itself(t), "implicit")
	client, server := r.connect()
	server.send("* PREAUTH ready")
	client.expect("* PREAUTH ready")
	renewed, _ := certificate(t, r.dir)
	if err := r.process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := tls.Dial("tcp", client.conn.RemoteAddr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		shown := conn.ConnectionState().PeerCertificates[0].Raw
		conn.Close()
		if string(shown) == string(renewed.Certificates[0].Certificate[0]) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the old certificate is shown")
		}
	}
	client.send("a1 NOOP")
	server.expect("a1 NOOP")
	server.send("a1 OK done")
	client.expect("a1 OK done")
}
