package main

import (
	"syscall"
	"testing"
)

// TestServe: serve serves until it is told to stop, tells its clients, and ends in order.
func TestServe(t *testing.T) {
	r := serve(t, itself(t), "implicit")
	client, server := r.connect()
	server.send("* OK ready")
	client.expect("* OK ready")
	if err := r.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	client.expect("* BYE [UNAVAILABLE] the service is shutting down")
	client.conn.Close()
	state, err := r.process.Wait()
	if err != nil || !state.Success() {
		t.Errorf("%v, %v", state, err)
	}
}
