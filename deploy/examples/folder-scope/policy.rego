package imap.policy

import data.imap.ready

rules := {"folders": data.imap.folders}

request := ready.request

functions["ready"] := ready.command

functions["listed"] := ready.listed

response := ready.response

capability := ready.capability
