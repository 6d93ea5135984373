package pep

import (
	"net"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// hello keeps a client's first octets while a handshake goes on, for what crypto/tls does not say of it when it fails.
type hello struct {
	net.Conn
	first []byte
	over  bool
}

// maxHello is more than a ClientHello of one record has in practice.
const maxHello = 4 << 10

// Read implements net.Conn. Handshakes are done before anything else reads.
func (h *hello) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if !h.over {
		h.first = append(h.first, p[:min(n, maxHello-len(h.first))]...)
	}
	return n, err
}

// done forgets them.
func (h *hello) done() { h.first, h.over = nil, true }

// dotted is the server name that ends in a dot, which RFC 6066 section 3 does not allow and crypto/tls refuses without a word on
// it; empty: there is none. Outlook's configuration service sends such names.
func (h *hello) dotted() string {
	if name := serverName(h.first); strings.HasSuffix(name, ".") {
		return name
	}
	return ""
}

// The parts of a ClientHello (RFC 8446 section 4.1.2) on the way to its server name.
const (
	recordHandshake     = 22
	messageClientHello  = 1
	extensionServerName = 0
	nameHost            = 0
)

// serverName is the name in the SNI of a ClientHello; empty: none, or it cannot be read.
func serverName(record []byte) string {
	var kind, message, nameKind uint8
	var body, extensions, data, names, name, skipped cryptobyte.String
	var extension uint16
	in := cryptobyte.String(record)
	ok := in.ReadUint8(&kind) && kind == recordHandshake && in.Skip(2+2) && // version, length
		in.ReadUint8(&message) && message == messageClientHello && in.ReadUint24LengthPrefixed(&body) &&
		body.Skip(2+32) && // version, random
		body.ReadUint8LengthPrefixed(&skipped) && // session
		body.ReadUint16LengthPrefixed(&skipped) && // cipher suites
		body.ReadUint8LengthPrefixed(&skipped) && // compression methods
		body.ReadUint16LengthPrefixed(&extensions)
	for ok && !extensions.Empty() {
		if !extensions.ReadUint16(&extension) || !extensions.ReadUint16LengthPrefixed(&data) {
			return ""
		}
		if extension == extensionServerName && data.ReadUint16LengthPrefixed(&names) &&
			names.ReadUint8(&nameKind) && nameKind == nameHost && names.ReadUint16LengthPrefixed(&name) {
			return string(name)
		}
	}
	return ""
}
