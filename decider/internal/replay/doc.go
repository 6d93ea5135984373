// Package replay has another policy decide what a decision log has, and tells what would change.
package replay
