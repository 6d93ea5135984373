package main

import "errors"

// exitError is an outcome that has an exit code of its own. Its text, if any, was not printed yet.
type exitError struct {
	code int
	error
}

// Unwrap is the outcome.
func (e exitError) Unwrap() error { return e.error }

// outcome gives the policy tools their exit codes: 0 nothing is amiss, 1 what was looked for was found (tests that fail, decisions
// that change), 2 it could not be looked for.
func outcome(err error, found ...error) error {
	if err == nil {
		return nil
	}
	for _, f := range found {
		if errors.Is(err, f) {
			return exitError{1, err}
		}
	}
	return exitError{2, err}
}
