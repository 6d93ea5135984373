package policy

import (
	"sync"
	"testing"

	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/gatepost/gatepost/rego"
)

// TestTwoStores: several deciders of one process load policy at the same time. OPA's type checker races with itself then, on
// some policies; the end-to-end tests once showed it under the race detector.
func TestTwoStores(t *testing.T) {
	var loading sync.WaitGroup
	for range 4 {
		loading.Go(func() {
			d := Directory{Library: rego.Bundle, Path: "../../../deploy/examples/permanent-folders", Lock: NewLock(), Store: inmem.New()}
			if _, err := d.Load(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	loading.Wait()
}
