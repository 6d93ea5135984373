package server

import (
	"crypto/tls"
	"net"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// networkTLS is TLS for connections from the network, and nothing for those on unix sockets, whom the socket's mode let in.
type networkTLS struct {
	credentials.TransportCredentials
	local credentials.TransportCredentials
}

func newNetworkTLS(c *tls.Config) credentials.TransportCredentials {
	return networkTLS{credentials.NewTLS(c), insecure.NewCredentials()}
}

// ServerHandshake implements credentials.TransportCredentials.
func (c networkTLS) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if conn.LocalAddr().Network() == "unix" {
		return c.local.ServerHandshake(conn)
	}
	return c.TransportCredentials.ServerHandshake(conn)
}

// Clone implements credentials.TransportCredentials.
func (c networkTLS) Clone() credentials.TransportCredentials {
	return networkTLS{c.TransportCredentials.Clone(), c.local.Clone()}
}
