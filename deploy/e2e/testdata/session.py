"""A mail session by Python's imaplib, as a program of its own: session.py HOST PORT MODE USER CA MESSAGE...

MODE is off, implicit or starttls. The password is in the environment. Each MESSAGE is a file. It exits with an error as
soon as something is not as it must be.
"""

import imaplib
import os
import ssl
import sys

host, port, mode, user, ca, *files = sys.argv[1:]
messages = [open(f, "rb").read() for f in files]
context = ssl.create_default_context(cafile=ca)


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


def body(number):
    return ok(c.fetch(str(number), "(BODY.PEEK[])"))[0][1]


if mode == "implicit":
    c = imaplib.IMAP4_SSL(host, int(port), ssl_context=context)
else:
    c = imaplib.IMAP4(host, int(port))
if mode == "starttls":
    ok(c.starttls(context))
assert "IMAP4REV1" in c.capabilities, c.capabilities
ok(c.login(user, os.environ["PASSWORD"]))
ok(c.noop())
assert ok(c.list())[0] is not None
ok(c.create("Archive"))
ok(c.create('"With space"'))
for m in messages:
    ok(c.append("INBOX", r"(\Seen)", None, m))
assert int(ok(c.select("INBOX"))[0]) == len(messages)
for i, m in enumerate(messages, 1):
    assert body(i) == m, (i, len(body(i)), len(m))

ok(c.store("1", "+FLAGS", r"(\Flagged)"))
assert ok(c.search(None, "FLAGGED"))[0] == b"1"
ok(c.copy("1", '"With space"'))
ok(c.uid("MOVE", "1", "Archive"))
assert c.response("EXPUNGE")[1] == [b"1"]
assert ok(c.uid("SEARCH", "ALL"))[0].split() == [b"%d" % (i + 2) for i in range(len(messages) - 1)]
assert b"MESSAGES 1" in ok(c.status("Archive", "(MESSAGES)"))[0]

c.send(c._new_tag() + b" IDLE\r\n")  # imaplib of this age has no idle()
assert c.readline().startswith(b"+")
c.send(b"DONE\r\n")
while b"OK" not in c.readline():
    pass

ok(c.store("1:*", "+FLAGS.SILENT", r"(\Deleted)"))
assert len(ok(c.expunge())) == len(messages) - 1
ok(c.close())
ok(c.rename("Archive", "Kept"))
ok(c.delete('"With space"'))
assert c.logout()[0] == "BYE"
