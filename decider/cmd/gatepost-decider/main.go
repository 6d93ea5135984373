// Command gatepost-decider decides by policy what IMAP clients and servers may say to each other. See package decider.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A decision leaves garbage and the heap is small: a quarter more decisions for some 20 MB.
		debug.SetGCPercent(400)
	}
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "gatepost-decider:", err)
		code := exitError{code: 1}
		errors.As(err, &code)
		os.Exit(code.code)
	}
}
