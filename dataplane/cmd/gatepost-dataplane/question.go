package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/gatepost/gatepost/dataplane/internal/offline"
	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

func questionCommand() *cobra.Command {
	var t offline.Typed
	var client, connected string
	var roles []string
	c := &cobra.Command{
		Use:   "question [flags] COMMAND",
		Short: "Print what a decider would be asked about a command, as JSON",
		Long: `Print the question that a dataplane would put to its decider about a command, as the JSON form of the contract's message
Question. "gatepost-decider explain" runs this program to learn what a typed command means.

The command is one argument, as a client sends it, with a tag or without. Without --state the session is in the state
selected if there is --selected, authenticated if there is --user, and not_authenticated else.

It fails where no policy would be asked, and says why: the dataplane itself answers what is malformed, not allowed in the
state, or cannot be followed.`,
		Example: `  gatepost-dataplane question --user anna --selected INBOX 'UID STORE 7 +FLAGS (\Deleted)'
  gatepost-dataplane question --tls --client 192.0.2.7 'AUTHENTICATE PLAIN AGFubmEAc2VjcmV0'
  gatepost-dataplane question --user anna 'APPEND Sent (\Seen) {310}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			t.Command = args[0]
			var err error
			if client != "" {
				if t.Facts.Client, err = netip.ParseAddr(client); err != nil {
					return fmt.Errorf("--client: %q is not an IP address", client)
				}
			}
			if connected != "" {
				if t.Facts.Connected, err = time.Parse(time.RFC3339, connected); err != nil {
					return fmt.Errorf("--connected: %q is not a time such as 2026-03-02T09:00:00Z", connected)
				}
			}
			for _, r := range roles {
				role, mailbox, ok := strings.Cut(r, "=")
				if !ok {
					return fmt.Errorf(`--role: %q is not of the form sent=Sent`, r)
				}
				t.Roles = append(t.Roles, &deciderv1.MailboxRole{Role: strings.ToLower(strings.TrimPrefix(role, `\`)), Mailbox: mailbox})
			}
			q, err := offline.Question(t)
			if err != nil {
				return err
			}
			text, err := protojson.MarshalOptions{Multiline: true, UseProtoNames: true}.Marshal(q)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), string(text))
			return err
		},
	}
	fs := c.Flags()
	fs.StringVar(&t.State, "state", "", "`state` of the session: not_authenticated, authenticated, selected")
	fs.StringVar(&t.User, "user", "", "`name` of the user who is logged in")
	fs.StringVar(&t.Authorization, "authorization-identity", "", "`name` the user acts as, where it is another")
	fs.StringVar(&t.Mechanism, "mechanism", "", "SASL `mechanism` of the login (LOGIN)")
	fs.StringVar(&t.Mailbox, "selected", "", "`mailbox` that is selected")
	fs.BoolVar(&t.ReadOnly, "read-only", false, "the mailbox was opened by EXAMINE")
	fs.StringSliceVar(&t.Enabled, "enabled", nil, "`capability` that was enabled (may be repeated)")
	fs.StringVar(&t.Delimiter, "delimiter", "/", "hierarchy delimiter of the server; empty: not known yet")
	fs.StringArrayVar(&roles, "role", nil, "special use of a mailbox, `use=mailbox`, as in sent=Sent (may be repeated)")
	fs.Uint32Var(&t.Failures, "failures", 0, "`number` of logins that failed")
	fs.BoolVar(&t.TLS, "tls", false, "the client's connection is under TLS")
	fs.StringVar(&t.Facts.ServerName, "server-name", "", "`name` in SNI")
	fs.StringSliceVar(&t.Facts.DNSNames, "certificate-dns", nil, "DNS `name` in the client's verified certificate (may be repeated)")
	fs.StringSliceVar(&t.Facts.EmailAddresses, "certificate-email", nil, "mail `address` in the client's verified certificate (may be repeated)")
	fs.StringVar(&client, "client", "", "IP `address` of the client (192.0.2.1)")
	fs.StringVar(&t.Facts.Listener, "listener", "", "`name` of the listener")
	fs.StringVar(&connected, "connected", "", "`time` of the connection, as 2026-03-02T09:00:00Z (now)")
	return c
}
