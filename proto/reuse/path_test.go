package reuse_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
	"github.com/gatepost/gatepost/proto/reuse"
)

var comment = regexp.MustCompile(`  // ([a-z_.]+)(?:, whether it is there|\. A decision .*)?\n  (INPUT_FIELD_\w+) = \d+;`)

// The contract's comments and this package name the same places, for every field.
func TestPathsAreTheContracts(t *testing.T) {
	text, err := os.ReadFile("../gatepost/decider/v1/decision.proto")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, m := range comment.FindAllStringSubmatch(string(text), -1) {
		said[m[2]] = strings.TrimSuffix(m[1], ".")
	}
	if want := len(deciderv1.InputField_name) - 1; len(said) != want || len(reuse.Fields()) != want {
		t.Fatalf("the contract has %d fields, its comments name %d and this package %d", want, len(said), len(reuse.Fields()))
	}
	if !slices.IsSorted(reuse.Fields()) {
		t.Error("the fields are not in order")
	}
	for _, f := range reuse.Fields() {
		if got, want := reuse.Path(f), said[f.String()]; got != want {
			t.Errorf("%v: %q, the contract has %q", f, got, want)
		}
	}
}
