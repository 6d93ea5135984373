// Package kubernetes has the Helm chart, in gatepost/, and the test that keeps its values.schema.json and the programs'
// configurations one. What renders the chart is in deploy/checks.
package kubernetes
