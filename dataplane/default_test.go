package dataplane

import (
	"reflect"
	"testing"

	"github.com/gatepost/gatepost/dataplane/internal/config"
	"github.com/gatepost/gatepost/dataplane/internal/session"
)

// TestDefaultsAreTheSessions: the defaults of the configuration are those that the session machine has by itself, and there is a setting
// for each of its limits.
func TestDefaultsAreTheSessions(t *testing.T) {
	own := reflect.ValueOf(session.New(session.Config{})).Elem().FieldByName("cfg").Elem().FieldByName("Limits")
	set := reflect.ValueOf(limits(config.Default().Limits))
	for i := range set.NumField() {
		name := set.Type().Field(i).Name
		if got, want := set.Field(i), own.Field(i); !got.Equal(want) {
			t.Errorf("%s is %v by default, and %v where the machine is used alone", name, got, want)
		}
	}
}
