// Package server is the decider's gRPC side: the service of the contract, health, reflection, listeners and their TLS.
package server
