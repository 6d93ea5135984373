// Package input turns a question of the contract into the input document of policy, straight into OPA's own values: no
// JSON and no maps in between. Records of what policy need not see have it straight as JSON, by the same code. Nothing else in the decider
// builds input; rego/schemas/input.json describes the result, and
// the files in testdata show it.
//
// What a question says nothing about is absent from the document, never null or empty: a rule that grants on a field
// then grants nothing where the field is not known. The exception is args, which is always an array.
package input
