// Package tools tests the policy tools as an administrator has them: the programs gatepost-decider and gatepost-dataplane, beside
// each other, and a shell.
package tools
