// Package decisionlog reads decision logs: JSON lines, as the console and the file sink write them, JSON arrays, as a decision log
// service gets them, and either compressed with gzip.
package decisionlog
