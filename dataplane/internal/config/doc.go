// Package config is the dataplane's configuration: one YAML file, decoded strictly. The fields of Config and of what it
// holds are the reference: their comments say meaning, unit and default.
//
// Durations are spelled as Go has them ("250ms", "31m"), sizes as a count of octets or with KiB, MiB or GiB ("64KiB").
// File names are relative to the folder of the configuration.
package config
