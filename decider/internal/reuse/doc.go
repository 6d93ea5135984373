// Package reuse derives from a policy what each decision can vary with, so that a dataplane may answer an equal question itself
// (Decision.reuse in the contract). That is derived once for the events of a name, and holds for every question of it.
//
// The derivation may name more than a decision depends on, and never less: two questions that agree in event and fields are
// decided alike, or fail alike. What it cannot follow is not reused.
package reuse
