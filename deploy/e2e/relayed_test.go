package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// relayed checks that both legs hold the same octets, but for what the README says the proxy changes:
//
//	client to server   the "+" of a literal's {n+} is taken out (RFC 7888): towards the server literals are synchronizing
//	server to client   the server's invitations of literals ("+ OK", "+ go ahead") stay on its leg, the dataplane's own ("+ ready") on the
//	                   client's: it invites small literals itself
//	                   capability lists, in CAPABILITY responses and in the codes of status responses, lack what is
//	                   unfollowed, and what is unlisted under the default policy, and are else the same
//
// Nothing else is masked: no tag, no timing, no text.
func (b *bed) relayed(clients, servers []*conversation) {
	b.t.Helper()
	if len(clients) != len(servers) {
		b.t.Errorf("%d connections of clients, %d to the server", len(clients), len(servers))
		return
	}
	// Of connections made at the same time the order may differ on the two legs: each must have its like.
	left := slices.Clone(servers)
	for i, client := range clients {
		at := slices.IndexFunc(left, func(server *conversation) bool { return b.difference(client, server) == "" })
		if at < 0 {
			b.t.Errorf("connection %d: the legs differ: %s", i+1, b.difference(client, servers[i]))
			continue
		}
		left = slices.Delete(left, at, at+1)
	}
}

// difference is the first one that must not be; "": there is none.
func (b *bed) difference(client, server *conversation) string {
	if problem := sameFromClient(client.from(false), server.from(false)); problem != "" {
		return problem
	}
	fromClient, err := responses(client.from(true))
	if err != nil {
		return "client's leg: " + err.Error()
	}
	fromServer, err := responses(server.from(true))
	if err != nil {
		return "server's leg: " + err.Error()
	}
	fromClient = slices.DeleteFunc(fromClient, func(r string) bool { return r == "+ ready\r\n" })
	fromServer = slices.DeleteFunc(fromServer, func(r string) bool { return r == b.server.invitation })
	for i, r := range fromServer {
		fromServer[i] = capabilityList.ReplaceAllStringFunc(r, b.hide)
	}
	for i := range max(len(fromClient), len(fromServer)) {
		if c, s := nth(fromClient, i), nth(fromServer, i); c != s {
			return fmt.Sprintf("response %d is %.300q, the server's was %.300q", i, c, s)
		}
	}
	return ""
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// sameFromClient walks along both legs: where the client's has "{n+}", the server's has "{n}".
func sameFromClient(client, server []byte) string {
	end := []byte("}\r\n")
	for c, s := 0, 0; ; c, s = c+1, s+1 {
		if c < len(client) && client[c] == '+' && c > 0 && client[c-1] >= '0' && client[c-1] <= '9' &&
			bytes.HasPrefix(client[c+1:], end) && bytes.HasPrefix(server[s:], end) {
			c++
		}
		switch {
		case c == len(client) && s == len(server):
			return ""
		case c == len(client) || s == len(server) || client[c] != server[s]:
			from := max(0, bytes.LastIndexByte(server[:s], '\n')+1)
			return fmt.Sprintf("the client sent %.300q, the server got %.300q", client[max(0, c-(s-from)):], server[from:])
		}
	}
}

// capabilityList finds one where the grammar has one. No test's mail holds this text at the start of a response.
var capabilityList = regexp.MustCompile(`(?i)^\S+ (?:CAPABILITY|(?:OK|NO|BAD|BYE|PREAUTH) \[CAPABILITY) [^\]\r]*`)

// hide takes out of a list what clients are not told.
func (b *bed) hide(list string) string {
	words := strings.Fields(list)
	words = slices.DeleteFunc(words, func(w string) bool {
		w = strings.ToUpper(w)
		return slices.Contains(b.server.unfollowed, w) || b.judge.policy == defaultPolicy && slices.Contains(b.server.unlisted, w)
	})
	return strings.Join(words, " ")
}

// responses splits a server's stream.
func responses(octets []byte) (list []string, err error) {
	for r := bufio.NewReader(bytes.NewReader(octets)); ; {
		if _, err := r.Peek(1); err != nil {
			return list, nil
		}
		one, err := readResponse(r)
		list = append(list, one)
		if err != nil {
			return list, fmt.Errorf("%.300q: %w", one, err)
		}
	}
}
