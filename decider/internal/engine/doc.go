// Package engine evaluates policy. It runs OPA's plugins (bundles, discovery, decision logs, status) over one store, keeps
// one prepared query for the policy in force, and evaluates it on a fixed set of goroutines whose stacks have grown.
//
// What is in force is an immutable snapshot behind one pointer. A decision opens its read transaction first and loads the
// pointer then: the store commits under a lock that excludes readers and calls OPA's compiler trigger, which publishes the
// snapshot, before it lets go. So policy, data and revision of a decision always belong together.
package engine
