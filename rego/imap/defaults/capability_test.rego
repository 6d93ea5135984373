package imap.defaults_test

import data.imap.defaults
import data.imap.lookup

test_capability_accepts if {
	every name, verdict in defaults.capability {
		name == upper(name)
		verdict == "IMAP_CAP_ACCEPT"
	}
}

test_capability_has_no_row_for_any if {
	not "*" in object.keys(defaults.capability)
}

test_shown[name] if {
	some name in [
		"IMAP4REV1",
		"IDLE",
		"MOVE",
		"AUTH=PLAIN",
		"RIGHTS=KXTE",
		"THREAD=REFS",
		"APPENDLIMIT",
		"APPENDLIMIT=35651584",
		"QUOTA=RES-STORAGE",
		"SORT=DISPLAY",
		"LITERAL+",
	]
	lookup.capability(name).value == "IMAP_CAP_ACCEPT" with data.imap.policy.capability as defaults.capability
}

test_hidden[name] if {
	some name in [
		"COMPRESS=DEFLATE",
		"AUTH=SCRAM-SHA-256-PLUS",
		"AUTH=EXTERNAL",
		"AUTH=GSSAPI",
		"AUTH=DIGEST-MD5",
		"AUTH=ANONYMOUS",
		"UNAUTHENTICATE",
		"LOGIN-REFERRALS",
		"MAILBOX-REFERRALS",
		"URLAUTH",
		"URLAUTH=BINARY",
		"JMAPACCESS",
		"NOTIFY",
		"MULTISEARCH",
		"CATENATE",
		"CONVERT",
		"UTF8=ACCEPT",
		"UTF8=ONLY",
		"UIDONLY",
		"IMAP4REV2",
		"XAPPLEPUSHSERVICE",
		"X-NEW",
		"X-NEW=1",
	]
	not lookup.capability(name).value with data.imap.policy.capability as defaults.capability
}
