// Command gatepost-decider decides by policy what IMAP clients and servers may say to each other. See package decider.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func main() {
	useMemory(memlimit.FromCgroup)
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "gatepost-decider:", err)
		code := exitError{code: 1}
		errors.As(err, &code)
		os.Exit(code.code)
	}
}
