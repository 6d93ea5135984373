// Package reuse says what an InputField of the contract covers: its place in the input document of policy, and the bytes that
// are equal only where all below that place is equal. A dataplane keys decisions by them (Decision.reuse), and a decider is
// tested against them.
package reuse
