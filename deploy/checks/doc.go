// Package checks tests what is below deploy/ and is not Go: the Helm chart, the containers, the alerts and the dashboard, the runbook.
// It is a module of its own, so that Helm, Kubernetes' API, BuildKit's parser and PromQL's are no dependencies of the programs.
// `make test-deploy` runs it.
package checks
