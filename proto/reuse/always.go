package reuse

import deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"

// Always says if each question about a command of that name has the field, or no key by it: a derivation may build on it being
// there. A question of a dataplane older than the field has neither, and a decision that depends on the field is not reused for it.
func Always(f deciderv1.InputField, command string) bool {
	if f != deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA {
		return false
	}
	return command == "APPEND" || command == "REPLACE" || command == "UID REPLACE"
}
