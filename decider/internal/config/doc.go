// Package config is the decider's configuration: one YAML file, decoded strictly. The fields of Config and of what it
// holds are the reference: their comments say meaning, unit and default.
//
// Durations are spelled as Go has them ("100ms", "10m"). File names are relative to the folder of the configuration.
//
// What OPA itself can be told (services, bundles, discovery, labels, masks, status ...) stands in an ordinary OPA
// configuration file, which opa_config names.
package config
