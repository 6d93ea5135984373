// Package explain says why a policy decides as it does: which row and which function, where they are written, with what input and by
// which revision.
package explain
