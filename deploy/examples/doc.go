// Package examples holds policies that are ready to use, each in a folder with its story, its policy, its data, its tests, and
// transcripts that show it at work. `gatepost-decider init` writes them out, and `gatepost-decider test` runs their tests.
package examples
