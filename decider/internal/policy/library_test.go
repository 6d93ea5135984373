package policy_test

import "github.com/gatepost/gatepost/rego"

var library = rego.Bundle
