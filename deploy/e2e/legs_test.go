package e2e

import (
	"testing"

	"github.com/emersion/go-imap/v2"

	"github.com/gatepost/gatepost/dataplane"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// TLS on either leg is independent of the other: each way to meet clients works with each way to meet the server.
func TestLegs(t *testing.T) {
	dovecot(t)
	for _, client := range []struct {
		name, listener, dialed string
	}{
		{"clear", tlsOff, tlsOff},
		{"implicit", tlsImplicit, tlsImplicit},
		{"STARTTLS", tlsStart, tlsStart},
		{"STARTTLS that may be", "starttls_optional", tlsStart},
		{"STARTTLS that need not be", "starttls_optional", tlsOff},
	} {
		for _, server := range []string{tlsOff, tlsImplicit, tlsStart} {
			t.Run(client.name+" and "+server, func(t *testing.T) {
				t.Parallel()
				// Where STARTTLS is offered, the list of capabilities says so.
				s := setup{client: client.listener, server: server, altered: client.listener != client.dialed}
				s.change = func(c *dataplane.Config) { c.Listeners[0].TLS.MinVersion = "1.3" }
				b := newBed(t, s)
				b.setup.client = client.dialed // of what the client does
				c := b.dial(nil)
				must(t, c.Login(b.user, password).Wait())
				_, err := c.Select("INBOX", nil).Wait()
				must(t, err)
				must(t, c.Logout().Wait())
				d := b.commands("SELECT")
				if len(d) != 1 {
					t.Fatalf("%d questions about SELECT", len(d))
				}
				told := d[0].question.Session.Tls
				if secure := client.dialed != tlsOff; (told != nil) != secure || secure && told.Version != "1.3" {
					t.Errorf("policy is told of TLS: %v", told)
				}
			})
		}
	}
}

// What a mailbox is for is policy's to know, once the server has told it (RFC 6154).
func TestRolesOfDovecot(t *testing.T) {
	b := newBed(t, setup{})
	c := b.dial(nil)
	must(t, c.Login(b.user, password).Wait())
	must(t, c.Create("Trash", nil).Wait())
	must(t, c.Delete("Trash").Wait())
	must(t, c.Create("Trash", nil).Wait())
	_, err := c.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
	must(t, err)
	must(t, c.Delete("Trash").Wait())
	must(t, c.Logout().Wait())
	d := b.commands("DELETE")
	if len(d) != 2 {
		t.Fatalf("%d questions about DELETE", len(d))
	}
	if roles := d[0].question.Session.Roles; len(roles) != 0 {
		t.Errorf("before LIST: %v", roles)
	}
	want := &deciderv1.MailboxRole{Mailbox: "Trash", Role: "trash"}
	if roles := d[1].question.Session.Roles; len(roles) != 1 || roles[0].Mailbox != want.Mailbox || roles[0].Role != want.Role {
		t.Errorf("after LIST: %v, want %v", roles, want)
	}
}
