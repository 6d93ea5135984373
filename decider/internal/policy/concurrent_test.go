package policy

import (
	"sync"
	"testing"

	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/gatepost/gatepost/rego"
)

// TestTwoStores: two deciders of one process load policy at the same time. OPA's type checker alone races with itself then; the
// race detector would tell.
func TestTwoStores(t *testing.T) {
	var loading sync.WaitGroup
	for range 4 {
		loading.Go(func() {
			d := Directory{Library: rego.Bundle, Lock: NewLock(), Store: inmem.New()}
			if _, err := d.Load(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	loading.Wait()
}
