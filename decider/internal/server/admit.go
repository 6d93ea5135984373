package server

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

var errStranger = status.Error(codes.PermissionDenied, "server: the client's certificate has no name that may ask")

// admit lets those in whom Config.Clients names, and those on unix sockets, whom the socket's mode let in.
func (s *Server) admit(ctx context.Context) error {
	if len(s.cfg.Clients) == 0 {
		return nil
	}
	p, ok := peer.FromContext(ctx)
	if !ok {
		return errStranger
	}
	if p.LocalAddr != nil && p.LocalAddr.Network() == "unix" {
		return nil
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return errStranger
	}
	if !slices.ContainsFunc(names(info.State.PeerCertificates[0]), func(n string) bool { return slices.Contains(s.cfg.Clients, n) }) {
		return errStranger
	}
	return nil
}

// names are a certificate's subject alternative names, but for addresses.
func names(c *x509.Certificate) []string {
	ns := slices.Concat(c.EmailAddresses)
	for _, n := range c.DNSNames {
		ns = append(ns, strings.ToLower(n))
	}
	for _, u := range c.URIs {
		ns = append(ns, u.String())
	}
	return ns
}

func (s *Server) admitUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := s.admit(ctx); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func (s *Server) admitStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := s.admit(stream.Context()); err != nil {
		return err
	}
	return handler(srv, stream)
}
