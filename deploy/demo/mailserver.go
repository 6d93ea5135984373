package main

import (
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// mailServer is an IMAP server in memory, with one user, a few mailboxes and messages.
func mailServer(user, password string) (*imapserver.Server, error) {
	u := imapmemserver.NewUser(user, password)
	for _, box := range []string{"INBOX", "Archive", "Drafts", "Sent", "Trash"} {
		if err := u.Create(box, nil); err != nil {
			return nil, err
		}
		_ = u.Subscribe(box)
	}
	for i, subject := range []string{"Welcome to the demo", "Lunch on Thursday?", "Invoice 4711"} {
		if err := deliver(u, "INBOX", message(user, subject, i)); err != nil {
			return nil, err
		}
	}
	if err := deliver(u, "Archive", message(user, "Kept for ten years", 3)); err != nil {
		return nil, err
	}
	mem := imapmemserver.New()
	mem.AddUser(u)
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {}, imap.CapESearch: {}, imap.CapListExtended: {},
			imap.CapListStatus: {}, imap.CapMove: {}, imap.CapStatusSize: {}, imap.CapIdle: {}, imap.CapUnselect: {}, imap.CapEnable: {},
		},
		InsecureAuth: true, // it listens on the loopback interface, for the dataplane
		Logger:       log.New(io.Discard, "", 0),
	}), nil
}

func message(user, subject string, age int) string {
	lines := []string{
		"From: Ada <ada@example.org>",
		"To: " + user + "@example.org",
		"Subject: " + subject,
		"Date: " + time.Now().AddDate(0, 0, -age).Format(time.RFC1123Z),
		fmt.Sprintf("Message-ID: <demo-%d@example.org>", age),
		"Content-Type: text/plain; charset=utf-8",
		"",
		subject + ".",
		"",
	}
	return strings.Join(lines, "\r\n")
}

// literal is a message as the memory server takes it.
type literal struct{ *strings.Reader }

func deliver(u *imapmemserver.User, mailbox, text string) error {
	_, err := u.Append(mailbox, literal{strings.NewReader(text)}, &imap.AppendOptions{})
	return err
}
