// Package document writes JSON documents in three forms: as JSON text, as terms of OPA's, and as maps and slices. What describes a
// document does so once, to a Writer, and all forms of it have the same members.
package document
