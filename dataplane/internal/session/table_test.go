package session_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/gatepost/gatepost/dataplane/internal/session"
	"github.com/gatepost/gatepost/dataplane/internal/syntax"
)

// TestStateCommandTable prints what a session does with each command in each state, as it really does it: a session is put
// into the state, the command is sent, accepted, and answered OK or NO by the server.
func TestStateCommandTable(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "command\tnot_authenticated\tauthenticated\tselected\tbars what follows\n")
	for info := range syntax.Commands() {
		fmt.Fprint(w, info.Name)
		for _, state := range []syntax.State{syntax.NotAuthenticated, syntax.Authenticated, syntax.Selected} {
			fmt.Fprintf(w, "\t%s", outcome(t, info, state))
		}
		bars := "-"
		if info.Barrier {
			bars = "yes"
		}
		fmt.Fprintf(w, "\t%s\n", bars)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/state-command.golden"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("the table differs from %s; read the difference, then run with -update\n%s", golden, b.Bytes())
	}
}

// arguments are those of an example of each command that has some.
var arguments = map[string]string{
	"APPEND": "Drafts {4}", "AUTHENTICATE": "CRAM-MD5", "CANCELUPDATE": `"b1"`, "COMPARATOR": "",
	"COMPRESS": "DEFLATE", "CONVERSIONS": `"image/gif" "image/jpeg"`, "CONVERT": `1 ("image/gif") BINARY[1]`, "COPY": "1 Archive", "CREATE": "Archive",
	"DELETE": "Archive", "DELETEACL": "INBOX bob", "ENABLE": "CONDSTORE", "ESEARCH": "IN (mailboxes Archive) ALL",
	"EXAMINE": "Archive", "FETCH": "1 FLAGS", "GENURLAUTH": `"imap://x/y" INTERNAL`, "GETACL": "INBOX", "GETMETADATA": "INBOX /shared/comment",
	"GETQUOTA": `""`, "GETQUOTAROOT": "INBOX", "ID": "NIL", "LANGUAGE": "de", "LIST": `"" *`, "LISTRIGHTS": "INBOX bob", "LOGIN": "alice secret",
	"LSUB": `"" *`, "MOVE": "1 Archive", "MYRIGHTS": "INBOX", "NOTIFY": "NONE", "RENAME": "a b", "REPLACE": "1 Drafts {4}", "RESETKEY": "",
	"RLIST": `"" *`, "RLSUB": `"" *`, "SEARCH": "ALL", "SELECT": "Archive", "SETACL": "INBOX bob lr", "SETMETADATA": "INBOX (/shared/comment NIL)",
	"SETQUOTA": `"" (STORAGE 512)`, "SORT": "(DATE) UTF-8 ALL", "STATUS": "INBOX (MESSAGES)", "STORE": `1 FLAGS (\Seen)`, "SUBSCRIBE": "INBOX",
	"THREAD": "REFERENCES UTF-8 ALL", "UID CONVERT": `1 ("image/gif") BINARY[1]`, "UID COPY": "1 Archive", "UID EXPUNGE": "1", "UID FETCH": "1 FLAGS",
	"UID MOVE": "1 Archive", "UID REPLACE": "1 Drafts {4}", "UID SEARCH": "ALL", "UID SORT": "(DATE) UTF-8 ALL", "UID STORE": `1 FLAGS (\Seen)`,
	"UID THREAD": "REFERENCES UTF-8 ALL", "UIDBATCHES": "500", "UNSUBSCRIBE": "INBOX", "URLFETCH": `"imap://x/y"`, "XLIST": `"" *`,
}

// exchange is what the client sends once the server has said "+".
var exchange = map[string]string{"APPEND": "mail", "REPLACE": "mail", "UID REPLACE": "mail", "IDLE": "DONE"}

// outcome is what happens to a command in a state: BAD (the protocol forbids it), NO (the dataplane refuses it), or the states that
// the server's OK and NO bring.
func outcome(t *testing.T, info *syntax.Info, state syntax.State) string {
	after := map[string]string{}
	for _, answer := range []string{"OK", "NO"} {
		s := in(t, state)
		example := info.Name
		if args, ok := arguments[info.Name]; ok {
			example = strings.TrimSuffix(example+" "+args, " ")
		}
		say(s, session.Client, "t "+example+"\r\n")
		if out := string(s.Take(session.Client, nil)); strings.HasPrefix(out, "t BAD") {
			return "BAD"
		} else if strings.HasPrefix(out, "t NO") {
			return "NO"
		}
		settle(s)
		if side, upgrading := s.Upgrade(); upgrading {
			return "TLS with the " + side.String()
		}
		if data, ok := exchange[info.Name]; ok && answer == "OK" {
			say(s, session.Server, "+ go on\r\n")
			say(s, session.Client, data+"\r\n")
			s.Take(session.Client, nil)
		}
		say(s, session.Server, "t "+answer+" done\r\n")
		settle(s)
		if out := string(s.Take(session.Client, nil)); !strings.Contains(out, "t "+answer) {
			t.Fatalf("%s in %s: no tagged %s: %q", example, state, answer, out)
		}
		after[answer] = s.State().String()
	}
	if after["OK"] == after["NO"] && after["OK"] == state.String() {
		return "stays"
	}
	return after["OK"] + " / " + after["NO"]
}

// in is a session in a state.
func in(t *testing.T, state syntax.State) *session.Session {
	s := session.New(session.Config{ClientStartTLS: session.StartTLSOffered})
	greeting := "* OK ready\r\n"
	if state != syntax.NotAuthenticated {
		greeting = "* PREAUTH ready\r\n"
	}
	say(s, session.Server, greeting)
	settle(s)
	if state == syntax.Selected {
		say(s, session.Client, "s SELECT INBOX\r\n")
		settle(s)
		say(s, session.Server, "s OK [READ-WRITE] done\r\n")
	}
	s.Take(session.Client, nil)
	s.Take(session.Server, nil)
	if s.State() != state {
		t.Fatalf("state %s, want %s", s.State(), state)
	}
	return s
}

func say(s *session.Session, side session.Side, text string) { s.Feed(side, []byte(text)) }

// settle accepts everything that is asked.
func settle(s *session.Session) {
	for a, ok := s.Ask(); ok; a, ok = s.Ask() {
		d := verdicts[0]
		d.ID = "d"
		if a.Question.Kind == session.Command {
			d.Response = 0
		} else {
			d.Request = 0
		}
		for range a.Question.Capabilities {
			d.Capabilities = append(d.Capabilities, true)
		}
		s.Resolve(a.ID, &d, nil)
	}
}
