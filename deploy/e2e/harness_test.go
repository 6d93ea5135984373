package e2e

import (
	"slices"
	"testing"
)

// said makes a conversation; steps begin with "C" or "S".
func said(steps ...string) *conversation {
	c := &conversation{over: make(chan struct{})}
	close(c.over)
	for _, s := range steps {
		c.add(s[0] == 'S', []byte(s[1:]))
	}
	return c
}

// What may differ between the legs is not a difference, and all else is.
func TestDifference(t *testing.T) {
	b := &bed{judge: &judge{policy: acceptAll}, server: &server{invitation: "+ OK\r\n", unfollowed: []string{"STARTTLS"}}}
	client := said("S* OK [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n", "Ca CREATE {3+}\r\nabc\r\n", "Sa OK done\r\n", "Cb APPEND x {2}\r\n", "S+ ready\r\n", "Cab\r\n", "Sb OK\r\n")
	same := []string{
		"S* OK [CAPABILITY IMAP4rev1 STARTTLS LITERAL+] hi\r\n", "Ca CREATE {3}\r\n", "S+ OK\r\n", "Cabc\r\n", "Sa OK done\r\n", "Cb APPEND x {2}\r\n", "S+ OK\r\n", "Cab\r\n", "Sb OK\r\n",
	}
	if problem := b.difference(client, said(same...)); problem != "" {
		t.Errorf("a difference: %s", problem)
	}
	for i, other := range map[int]string{
		0: "S* OK [CAPABILITY IMAP4rev1 STARTTLS LITERAL+ IDLE] hi\r\n",
		1: "Ca CREATE {4}\r\n",
		3: "Cabd\r\n",
		4: "Sa OK done\r\n* 1 EXISTS\r\n",
		5: "Cb APPEND x {2}\r\n\r\n",
		7: "Cab",
		8: "Sb NO\r\n",
	} {
		steps := slices.Clone(same)
		steps[i] = other
		if b.difference(client, said(steps...)) == "" {
			t.Errorf("no difference with %q", other)
		}
	}
}

// Literals, SASL responses and DONE are no commands, and what comes uninvited is one.
func TestCommandsOf(t *testing.T) {
	c := said("S* OK\r\n", "Ca AUTHENTICATE PLAIN\r\n", "S+ \r\n", "CAGEAYg==\r\n", "Sa OK\r\n",
		"Cb uid fetch 1 BODY[]\r\n", "S* 1 FETCH (BODY[] {3}\r\n+ \r)\r\nb OK\r\n",
		"Cc APPEND x {10}\r\n", "S+ OK\r\n", "Cd DELETE x\r\n", "Sc OK\r\n",
		"Ce IDLE\r\n", "S+ idling\r\n", "CDONE\r\n", "Se OK\r\n",
		"Cf SELECT {1}\r\n", "Sf NO\r\n", "Cg NOOP\r\nh LOGOUT\r\n")
	got, err := commandsOf(c)
	if err != nil {
		t.Error(err)
	}
	want := []string{"a AUTHENTICATE", "b UID FETCH", "c APPEND", "e IDLE", "f SELECT", "g NOOP", "h LOGOUT"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if tag := answeredMore(want, []byte("a OK\r\n* x\r\n+ \r\nb OK\r\n")); tag != "" {
		t.Errorf("%s is answered more often", tag)
	}
	if tag := answeredMore(want, []byte("a OK\r\nb OK\r\nb BAD\r\n")); tag != "b" {
		t.Errorf("%q is answered more often, want b", tag)
	}
	if _, err := commandsOf(said("Ca SELECT {1+}\r\nx\r\n")); err == nil {
		t.Error("a non-synchronizing literal passes")
	}
}
