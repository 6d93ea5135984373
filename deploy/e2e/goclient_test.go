package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// transports are the ways in which mail clients reach Gatepost, and Gatepost the server.
var transports = []struct {
	name string
	setup
}{
	{"in the clear", setup{}},
	{"implicit TLS", setup{client: tlsImplicit, server: tlsImplicit}},
	{"STARTTLS", setup{client: tlsStart, server: tlsStart}},
}

// overEach runs a client's test over each transport, under the default policy.
func overEach(t *testing.T, client func(*testing.T, *bed)) {
	dovecot(t)
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			t.Parallel()
			client(t, newBed(t, transport.setup))
		})
	}
}

// go-imap's client does all that a mail program does.
func TestGoClient(t *testing.T) {
	overEach(t, func(t *testing.T, b *bed) {
		arrived := make(chan uint32, 16)
		c := b.dial(&imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(m *imapclient.UnilateralDataMailbox) {
				if m.NumMessages != nil {
					arrived <- *m.NumMessages
				}
			},
		}})
		must(t, c.Login(b.user, password).Wait())
		must(t, c.Create("Archive", nil).Wait())
		boxes, err := c.List("", "*", nil).Collect()
		must(t, err)
		if len(boxes) != 2 {
			t.Fatalf("%d mailboxes", len(boxes))
		}

		big := large(3 << 20)
		appendMessage(t, c, "INBOX", big)
		appendMessage(t, c, "INBOX", mail["commands"])
		selected, err := c.Select("INBOX", nil).Wait()
		must(t, err)
		if selected.NumMessages != 2 {
			t.Fatalf("%d messages", selected.NumMessages)
		}
		if got := body(t, c, 1); got != big {
			t.Fatalf("the large message has changed: %d octets, were %d", len(got), len(big))
		}
		if got := body(t, c, 2); got != mail["commands"] {
			t.Fatalf("the message has changed: %q", got)
		}

		must(t, c.Store(imap.SeqSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Close())
		found, err := c.Search(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagFlagged}}, nil).Wait()
		must(t, err)
		if nums := found.AllSeqNums(); !slices.Equal(nums, []uint32{2}) {
			t.Fatalf("found %v", nums)
		}
		_, err = c.Copy(imap.SeqSetNum(2), "Archive").Wait()
		must(t, err)
		_, err = c.Move(imap.SeqSetNum(2), "Archive").Wait()
		must(t, err)
		status, err := c.Status("Archive", &imap.StatusOptions{NumMessages: true}).Wait()
		must(t, err)
		if *status.NumMessages != 2 {
			t.Fatalf("%d messages in Archive", *status.NumMessages)
		}

		idle, err := c.Idle()
		must(t, err)
		b.server.deliver(t, b.user, "INBOX", mail["plain"])
		for n := uint32(0); n != 2; {
			select {
			case n = <-arrived:
			case <-time.After(patience):
				t.Fatal("IDLE did not tell of a new message")
			}
		}
		must(t, idle.Close())
		must(t, idle.Wait())

		must(t, c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
		expunged, err := c.Expunge().Collect()
		must(t, err)
		if !slices.Equal(expunged, []uint32{1}) {
			t.Fatalf("expunged %v", expunged)
		}
		if got := body(t, c, 1); got != mail["plain"] {
			t.Fatalf("the message has changed: %q", got)
		}
		must(t, c.Logout().Wait())
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// body fetches a message of the selected mailbox.
func body(t testing.TB, c *imapclient.Client, num uint32) string {
	t.Helper()
	section := &imap.FetchItemBodySection{Peek: true}
	messages, err := c.Fetch(imap.SeqSetNum(num), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	must(t, err)
	if len(messages) != 1 {
		t.Fatalf("%d messages", len(messages))
	}
	return string(messages[0].FindBodySection(section))
}
