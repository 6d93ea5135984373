package imap.main_test

import data.imap.main

test_nothing_is_decided_without_an_event[note] if {
	some note, event in {
		"empty input": {},
		"no kind": {"command": {"name": "NOOP"}},
		"unknown kind": {"kind": "continuation", "command": {"name": "NOOP"}},
		"command without a name": {"kind": "command", "command": {}},
		"command without a command": {"kind": "command"},
		"greeting without a response": {"kind": "greeting"},
		"response without a type": {"kind": "tagged", "response": {"command": "NOOP", "name": "OK"}},
	}
	not main.decision with input as event
		with data.imap.policy as {"request": {"*": "IMAP_REQ_ACCEPT"}, "response": {"*": {"*": {"*": "IMAP_RSP_ACCEPT"}}}}
}

# What the policy says of a command, and the decision.
test_command[note] if {
	some note, tc in {
		"a bare row": {
			"policy": {"request": {"NOOP": "IMAP_REQ_DROP"}},
			"want": {"row": ["request", "NOOP"], "value": "IMAP_REQ_DROP", "responses": {}},
		},
		"a tuple is passed on": {
			"policy": {"request": {"NOOP": ["IMAP_REQ_REJECT", "no", "ALERT"]}},
			"want": {"row": ["request", "NOOP"], "value": ["IMAP_REQ_REJECT", "no", "ALERT"], "responses": {}},
		},
		"nonsense is passed on": {
			"policy": {"request": {"NOOP": {"verdict": false}}},
			"want": {"row": ["request", "NOOP"], "value": {"verdict": false}, "responses": {}},
		},
		"false is a row": {
			"policy": {"request": {"NOOP": false, "*": "IMAP_REQ_ACCEPT"}},
			"want": {"row": ["request", "NOOP"], "value": false, "responses": {}},
		},
		"no row denies": {
			"policy": {"request": {"DELETE": "IMAP_REQ_ACCEPT"}},
			"want": {"row": [], "responses": {}},
		},
		"no policy denies": {
			"policy": {},
			"want": {"row": [], "responses": {}},
		},
		"a function is called": {
			"policy": {"request": {"NOOP": ["IMAP_REQ_POLICY", "f"]}, "functions": {"f": ["IMAP_REQ_REJECT", "no"]}},
			"want": {"row": ["request", "NOOP"], "rule": "f", "value": ["IMAP_REQ_REJECT", "no"], "responses": {}},
		},
		"a function is called for any command": {
			"policy": {"request": {"*": ["IMAP_REQ_POLICY", "f"]}, "functions": {"f": "IMAP_REQ_ACCEPT"}},
			"want": {"row": ["request", "*"], "rule": "f", "value": "IMAP_REQ_ACCEPT", "responses": {}},
		},
		"an undefined function leaves no value": {
			"policy": {"request": {"NOOP": ["IMAP_REQ_POLICY", "f"], "*": "IMAP_REQ_ACCEPT"}},
			"want": {"row": ["request", "NOOP"], "rule": "f", "responses": {}},
		},
		"a function is not called twice": {
			"policy": {
				"request": {"NOOP": ["IMAP_REQ_POLICY", "f"]},
				"functions": {"f": ["IMAP_REQ_POLICY", "g"], "g": "IMAP_REQ_ACCEPT"},
			},
			"want": {"row": ["request", "NOOP"], "rule": "f", "value": ["IMAP_REQ_POLICY", "g"], "responses": {}},
		},
		"POLICY of responses calls nothing": {
			"policy": {"request": {"NOOP": ["IMAP_RSP_POLICY", "f"]}, "functions": {"f": "IMAP_REQ_ACCEPT"}},
			"want": {"row": ["request", "NOOP"], "value": ["IMAP_RSP_POLICY", "f"], "responses": {}},
		},
		"POLICY without a function calls nothing": {
			"policy": {"request": {"NOOP": "IMAP_REQ_POLICY"}},
			"want": {"row": ["request", "NOOP"], "value": "IMAP_REQ_POLICY", "responses": {}},
		},
		"POLICY with two functions calls neither": {
			"policy": {"request": {"NOOP": ["IMAP_REQ_POLICY", "f", "g"]}, "functions": {"f": "IMAP_REQ_ACCEPT"}},
			"want": {"row": ["request", "NOOP"], "value": ["IMAP_REQ_POLICY", "f", "g"], "responses": {}},
		},
		"rows for responses are kept": {
			"policy": {
				"request": {"NOOP": "IMAP_REQ_ACCEPT"},
				"response": {
					"NOOP": {"TAGGED": {"OK": "IMAP_RSP_DROP"}},
					"FETCH": {"ALL": {"*": "IMAP_RSP_ABORT"}},
					"*": {"*": {"*": "IMAP_RSP_ACCEPT"}},
				},
			},
			"want": {
				"row": ["request", "NOOP"],
				"value": "IMAP_REQ_ACCEPT",
				"responses": {
					"own": {"TAGGED": {"OK": "IMAP_RSP_DROP"}},
					"any": {"*": {"*": "IMAP_RSP_ACCEPT"}},
				},
			},
		},
		"rows are kept beside a function": {
			"policy": {
				"request": {"NOOP": ["IMAP_REQ_POLICY", "f"]},
				"functions": {"f": "IMAP_REQ_ACCEPT"},
				"response": {"*": {"*": {"*": "IMAP_RSP_ACCEPT"}}},
			},
			"want": {
				"row": ["request", "NOOP"],
				"rule": "f",
				"value": "IMAP_REQ_ACCEPT",
				"responses": {"any": {"*": {"*": "IMAP_RSP_ACCEPT"}}},
			},
		},
		"the policy sets states and reason": {
			"policy": {
				"request": {"NOOP": "IMAP_REQ_ACCEPT"},
				"imap_state_old": "authenticated",
				"imap_state_new": "logout",
				"reason": "because",
			},
			"want": {
				"row": ["request", "NOOP"],
				"value": "IMAP_REQ_ACCEPT",
				"responses": {},
				"imap_state_old": "authenticated",
				"imap_state_new": "logout",
				"reason": "because",
			},
		},
		"the policy sets a lease": {
			"policy": {"request": {}, "lease": 0.5},
			"want": {"row": [], "responses": {}, "lease": 0.5},
		},
		"the policy has nothing stored": {
			"policy": {"request": {}, "no_store": true},
			"want": {"row": [], "responses": {}, "no_store": true},
		},
		"the policy sets one of them": {
			"policy": {"request": {}, "imap_state_new": "selected"},
			"want": {"row": [], "responses": {}, "imap_state_new": "selected"},
		},
		"a false reason is passed on": {
			"policy": {"request": {}, "reason": false},
			"want": {"row": [], "responses": {}, "reason": false},
		},
	}
	main.decision == tc.want with data.imap.policy as tc.policy
		with input as {"kind": "command", "command": {"tag": "a1", "name": "NOOP", "args": [], "known": true}}
}

# What is decided without it, the longer way says too.
test_the_shortcut_says_the_same[note] if {
	any := {"*": {"*": "IMAP_RSP_ACCEPT"}}
	some note, policy in {
		"a bare row": {"request": {"IDLE": "IMAP_REQ_ACCEPT"}, "response": {"*": any}},
		"for any": {"request": {"*": "IMAP_REQ_ACCEPT"}, "response": {"*": any}},
		"a tuple": {"request": {"IDLE": ["IMAP_REQ_ACCEPT"]}, "response": {"*": any}},
		"a function": {"request": {"IDLE": ["IMAP_REQ_POLICY", "f"]}, "functions": {"f": 1}, "response": {"*": any}},
		"rows of its own": {"request": {"IDLE": "IMAP_REQ_ACCEPT"}, "response": {"IDLE": any, "*": any}},
		"nonsense as rows of its own": {"request": {"IDLE": "IMAP_REQ_ACCEPT"}, "response": {"IDLE": false, "*": any}},
		"no rows for any": {"request": {"IDLE": "IMAP_REQ_ACCEPT"}, "response": {"IDLE": any}},
		"no rows": {"request": {"IDLE": "IMAP_REQ_ACCEPT"}},
	}
	every capabilities in [{"IDLE": "IMAP_CAP_ACCEPT"}, {}] {
		main.decision == main._answer with data.imap.policy as object.union(policy, {"capability": capabilities})
			with input as {"kind": "command", "command": {"name": "IDLE"}}
	}
}

# The policy's row for the response, the event, and the decision.
test_response[note] if {
	some note, tc in {
		"a tagged response has no rows to keep": {
			"row": "IMAP_RSP_ACCEPT",
			"input": {"kind": "tagged", "response": {"command": "NOOP", "type": "TAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "value": "IMAP_RSP_ACCEPT"},
		},
		"an unsolicited one has": {
			"row": "IMAP_RSP_ACCEPT",
			"input": {"kind": "untagged", "response": {"command": "UNSOLICITED", "type": "UNTAGGED", "name": "OK"}},
			"want": {
				"row": ["response", "*", "*", "OK"],
				"value": "IMAP_RSP_ACCEPT",
				"responses": {
					"own": {"UNTAGGED": {"BYE": "IMAP_RSP_ABORT"}},
					"any": {"*": {"OK": "IMAP_RSP_ACCEPT"}},
				},
			},
		},
		"no row denies": {
			"row": "IMAP_RSP_ACCEPT",
			"input": {"kind": "untagged", "response": {"command": "NOOP", "type": "UNTAGGED", "name": "EXISTS"}},
			"want": {"row": []},
		},
		"a function is called": {
			"row": ["IMAP_RSP_POLICY", "f"],
			"input": {"kind": "untagged", "response": {"command": "NOOP", "type": "UNTAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "rule": "f", "value": "IMAP_RSP_DROP"},
		},
		"an undefined function leaves no value": {
			"row": ["IMAP_RSP_POLICY", "g"],
			"input": {"kind": "tagged", "response": {"command": "NOOP", "type": "TAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "rule": "g"},
		},
		"POLICY of requests calls nothing": {
			"row": ["IMAP_REQ_POLICY", "f"],
			"input": {"kind": "tagged", "response": {"command": "NOOP", "type": "TAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "value": ["IMAP_REQ_POLICY", "f"]},
		},
		"but it does for the greeting": {
			"row": ["IMAP_REQ_POLICY", "f"],
			"input": {"kind": "greeting", "response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "rule": "f", "value": "IMAP_RSP_DROP"},
		},
		"as does POLICY of responses": {
			"row": ["IMAP_RSP_POLICY", "f"],
			"input": {"kind": "greeting", "response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}},
			"want": {"row": ["response", "*", "*", "OK"], "rule": "f", "value": "IMAP_RSP_DROP"},
		},
		"capabilities are judged in the order of the list": {
			"row": "IMAP_RSP_ACCEPT",
			"input": {"kind": "tagged", "response": {
				"command": "LOGIN", "type": "TAGGED", "name": "OK",
				"capabilities": ["MOVE", "AUTH=PLAIN", "IDLE"],
			}},
			"want": {
				"row": ["response", "*", "*", "OK"],
				"value": "IMAP_RSP_ACCEPT",
				"capabilities": [
					{"name": "MOVE"},
					{"name": "AUTH=PLAIN", "row": ["capability", "AUTH="], "value": "IMAP_CAP_DROP"},
					{"name": "IDLE", "row": ["capability", "IDLE"], "value": "IMAP_CAP_ACCEPT"},
				],
			},
		},
	}
	main.decision == tc.want with input as tc.input
		with data.imap.policy as {
			"response": {"UNSOLICITED": {"UNTAGGED": {"BYE": "IMAP_RSP_ABORT"}}, "*": {"*": {"OK": tc.row}}},
			"capability": {"IDLE": "IMAP_CAP_ACCEPT", "AUTH=": "IMAP_CAP_DROP"},
			"functions": {"f": "IMAP_RSP_DROP"},
		}
}

# Examples 4.24 and 4.25 of the seed, the first with a well-formed line.
test_seed_answers_capability_for_the_server if {
	row := ["IMAP_REQ_RESPOND", "OK CAPABILITY completed", ["CAPABILITY IMAP4rev1"]]
	got := main.decision with data.imap.policy as {"request": {"CAPABILITY": row}}
		with input as {"kind": "command", "command": {"name": "CAPABILITY"}}
	got == {"row": ["request", "CAPABILITY"], "value": row, "responses": {}}
}

test_seed_rewrites_the_greeting if {
	row := ["IMAP_REQ_REWRITE", "IMAP_REQ_ACCEPT", "Welcome to Gatepost IMAP proxy"]
	got := main.decision with data.imap.policy as {"response": {"GREETING": {"UNTAGGED": {"OK": row}}}}
		with input as {"kind": "greeting", "response": {"command": "GREETING", "type": "UNTAGGED", "name": "OK"}}
	got == {"row": ["response", "GREETING", "UNTAGGED", "OK"], "value": row}
}
