package reuse

import deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"

// Path is the field's place below input, as in "session.client.address"; empty: the field is not known.
func Path(f deciderv1.InputField) string { return paths[f] }

// Fields are all fields, in order.
func Fields() []deciderv1.InputField {
	fields := make([]deciderv1.InputField, 0, len(paths))
	for f := range deciderv1.InputField_INPUT_FIELD_GREETING_TEXT + 1 {
		if paths[f] != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

var paths = map[deciderv1.InputField]string{
	deciderv1.InputField_INPUT_FIELD_IMAP_STATE_OLD:                  "imap_state_old",
	deciderv1.InputField_INPUT_FIELD_IMAP_STATE_NEW:                  "imap_state_new",
	deciderv1.InputField_INPUT_FIELD_SESSION_ID:                      "session.id",
	deciderv1.InputField_INPUT_FIELD_SESSION_DATAPLANE:               "session.dataplane",
	deciderv1.InputField_INPUT_FIELD_SESSION_LISTENER:                "session.listener",
	deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_ADDRESS:          "session.client.address",
	deciderv1.InputField_INPUT_FIELD_SESSION_CLIENT_PORT:             "session.client.port",
	deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_ADDRESS:           "session.local.address",
	deciderv1.InputField_INPUT_FIELD_SESSION_LOCAL_PORT:              "session.local.port",
	deciderv1.InputField_INPUT_FIELD_SESSION_TLS:                     "session.tls",
	deciderv1.InputField_INPUT_FIELD_SESSION_TLS_VERSION:             "session.tls.version",
	deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CIPHER_SUITE:        "session.tls.cipher_suite",
	deciderv1.InputField_INPUT_FIELD_SESSION_TLS_SERVER_NAME:         "session.tls.server_name",
	deciderv1.InputField_INPUT_FIELD_SESSION_TLS_CLIENT_CERTIFICATE:  "session.tls.client_certificate",
	deciderv1.InputField_INPUT_FIELD_SESSION_USER:                    "session.user",
	deciderv1.InputField_INPUT_FIELD_SESSION_AUTHORIZATION_IDENTITY:  "session.authorization_identity",
	deciderv1.InputField_INPUT_FIELD_SESSION_MECHANISM:               "session.mechanism",
	deciderv1.InputField_INPUT_FIELD_SESSION_AUTHENTICATION_FAILURES: "session.authentication_failures",
	deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX:                 "session.mailbox",
	deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_NAME:            "session.mailbox.name",
	deciderv1.InputField_INPUT_FIELD_SESSION_MAILBOX_READ_ONLY:       "session.mailbox.read_only",
	deciderv1.InputField_INPUT_FIELD_SESSION_ENABLED:                 "session.enabled",
	deciderv1.InputField_INPUT_FIELD_SESSION_DELIMITER:               "session.delimiter",
	deciderv1.InputField_INPUT_FIELD_SESSION_CONNECTED:               "session.connected_ns",
	deciderv1.InputField_INPUT_FIELD_SESSION_ROLES:                   "session.roles",
	deciderv1.InputField_INPUT_FIELD_COMMAND_TAG:                     "command.tag",
	deciderv1.InputField_INPUT_FIELD_COMMAND_ARGS:                    "command.args",
	deciderv1.InputField_INPUT_FIELD_COMMAND_KNOWN:                   "command.known",
	deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOX:                 "command.mailbox",
	deciderv1.InputField_INPUT_FIELD_COMMAND_NEW_MAILBOX:             "command.new_mailbox",
	deciderv1.InputField_INPUT_FIELD_COMMAND_MAILBOXES:               "command.mailboxes",
	deciderv1.InputField_INPUT_FIELD_COMMAND_REFERENCE:               "command.reference",
	deciderv1.InputField_INPUT_FIELD_COMMAND_PATTERNS:                "command.patterns",
	deciderv1.InputField_INPUT_FIELD_COMMAND_SET:                     "command.set",
	deciderv1.InputField_INPUT_FIELD_COMMAND_SET_SAVED:               "command.set_saved",
	deciderv1.InputField_INPUT_FIELD_COMMAND_ITEMS:                   "command.items",
	deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS:                   "command.flags",
	deciderv1.InputField_INPUT_FIELD_COMMAND_FLAGS_OPERATION:         "command.flags_operation",
	deciderv1.InputField_INPUT_FIELD_COMMAND_SILENT:                  "command.silent",
	deciderv1.InputField_INPUT_FIELD_COMMAND_SEARCH_KEYS:             "command.search_keys",
	deciderv1.InputField_INPUT_FIELD_COMMAND_LITERAL:                 "command.literal",
	deciderv1.InputField_INPUT_FIELD_COMMAND_DATE:                    "command.date",
	deciderv1.InputField_INPUT_FIELD_COMMAND_USER:                    "command.user",
	deciderv1.InputField_INPUT_FIELD_COMMAND_AUTHORIZATION_IDENTITY:  "command.authorization_identity",
	deciderv1.InputField_INPUT_FIELD_COMMAND_MECHANISM:               "command.mechanism",
	deciderv1.InputField_INPUT_FIELD_COMMAND_CAPABILITIES:            "command.capabilities",
	deciderv1.InputField_INPUT_FIELD_COMMAND_ID:                      "command.id",
	deciderv1.InputField_INPUT_FIELD_COMMAND_APPEND_DATA:             "command.append_data",
	deciderv1.InputField_INPUT_FIELD_RESPONSE_ARGS:                   "response.args",
	deciderv1.InputField_INPUT_FIELD_RESPONSE_TRUNCATED:              "response.truncated",
	deciderv1.InputField_INPUT_FIELD_RESPONSE_CAPABILITIES:           "response.capabilities",
	deciderv1.InputField_INPUT_FIELD_GREETING_CODE:                   "greeting.code",
	deciderv1.InputField_INPUT_FIELD_GREETING_TEXT:                   "greeting.text",
}
