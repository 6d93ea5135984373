// Package reuse answers questions that have been answered. It stands between the sessions and the decider, keeps the decisions that may
// be reused (Decision.reuse of the contract), and has each reuse recorded by the decider.
//
// # What is reused
//
// A decision says what it depended on: fields of the input, beside the event's kind and name. For a question the sets of fields are
// looked up that decisions on its name had; then, for each set, a decision by the question's values of just these fields. Where an
// answer has verdicts on capabilities, they are one of the fields; here they always are, for a list of verdicts fits no other list.
// What is kept is this process's, bounded by its memory, and all sessions share it.
//
// Not reused is a decision with a fault, one without Reuse, without a lease, or with a field that is not known here; an answer to a
// question that was put before the revision in force came into force, or that names another; and anything on a listener with
// "audit: strict".
//
// # How long
//
// Until the lease ends, counted from receipt by the monotonic clock, and no longer than all replicas announce the revision that was
// in force when the question was put. When one of them announces another, nothing that was kept is used any more, nor is an answer
// that was on its way. While they differ, each question is asked: which of them the next answer comes from is not known, and a
// session must not go back from the new policy to the old one by its own memory. When they agree, what is kept starts empty, even if it
// is a revision of before: a policy may be taken back, and its data may have changed. A replica that has left has no say, one
// that joins has it when it has told its revision. While there is none at all, or while a watch is down, leases bound the age.
//
// # Records
//
// Each reuse is reported to the decider, as the decision said: by itself, with a decision id of its own; or as one record for each
// session, decision and interval, with the number and the times. Reports are sent in batches, in order, to any replica in good
// health, and again with the same ids until one takes them. What waits is bounded by memory. When there is no room, a question is
// asked, which makes a record in the decider; or, with Drop, its reuse is let go unrecorded, and counted. A session's counts are
// reported when it ends, everything when the process shuts down; what cannot be sent then is counted and logged. A process that is
// killed loses what waits: no more than Interval and Aggregate make it.
package reuse
