// Package audit brings every decision and every fault of policy into OPA's decision log. Between the decision and the log
// stands a bounded queue with one writer. A full queue holds decisions up, or lets records go and counts them, as
// configured: with the default, a decision whose record cannot be kept is not given.
//
// OPA's plugin evaluates the mask and drop rules under a read transaction, and a policy change waits for those. So
// nothing may wait for a file or a pipe inside of it: what goes to the console or to a file is collected there and written
// by the queue's writer afterwards.
//
// Where file and console are the only sinks and there are no such rules, the queue's writer writes the same lines itself, without the plugin
// and without a transaction.
package audit
