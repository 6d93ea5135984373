package syntax

import "strings"

// CapabilityInfo is a capability's row of the table.
type CapabilityInfo struct {
	// Name is in upper case; with "*" for any text where one row is for many ("AUTH=*-PLUS").
	Name string
	// Prefix: the row is for every capability that starts with Name.
	Prefix bool
	// RFC is the document that defines it.
	RFC string
	// Treatment is Pass, Own or Hide.
	Treatment Treatment
	// Why says why it is not passed; "" where it is.
	Why string
}

// plusMechanisms is the row of the SASL mechanisms with channel binding, told by how the name ends.
const plusMechanisms = "AUTH=*-PLUS"

var capabilityTable, capabilityPrefixes = func() (map[string]*CapabilityInfo, []*CapabilityInfo) {
	exact := make(map[string]*CapabilityInfo, len(capabilities))
	var prefixes []*CapabilityInfo
	for i := range capabilities {
		c := &capabilities[i]
		if c.Prefix {
			prefixes = append(prefixes, c)
		} else {
			exact[c.Name] = c
		}
	}
	return exact, prefixes
}()

// LookupCapability returns the row of a capability, its name in upper case: an exact one, else the longest prefix. nil: the
// capability is unknown, and left to policy.
func LookupCapability(name string) *CapabilityInfo {
	if c := capabilityTable[name]; c != nil {
		return c
	}
	if strings.HasPrefix(name, "AUTH=") && strings.HasSuffix(name, "-PLUS") {
		return capabilityTable[plusMechanisms]
	}
	var longest *CapabilityInfo
	for _, c := range capabilityPrefixes {
		if strings.HasPrefix(name, c.Name) && (longest == nil || len(c.Name) > len(longest.Name)) {
			longest = c
		}
	}
	return longest
}

// Capabilities returns a copy of the table, sorted by name.
func Capabilities() []CapabilityInfo { return append([]CapabilityInfo(nil), capabilities[:]...) }
