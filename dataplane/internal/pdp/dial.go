package pdp

import (
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // asks replicas for their health
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// channel makes the channel to the replicas, and does not connect yet: gRPC resolves names, keeps a connection to each address, and asks each for its health.
func channel(o Options, number uint64) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	if o.TLS != nil {
		c := o.TLS.Clone()
		c.NextProtos = nil // gRPC sets its own
		creds = credentials.NewTLS(c)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		// A decider that was restarted is used again within a second, not within gRPC's two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		// A connection to a machine that is gone, or to a process that stands still, is given up after 15 s. Questions do not
		// wait for that: see Options.Silence.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.WithIdleTimeout(0),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		// A TXT record must not choose another policy.
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(fmt.Sprintf(`{"loadBalancingConfig":[{%q:{"client":%d}}],"healthCheckConfig":{"serviceName":%q}}`,
			policyName, number, deciderv1.DeciderService_ServiceDesc.ServiceName)),
	}
	target := o.Address
	if len(o.Addresses) > 0 {
		target = "replicas:///decider"
		options = append(options, grpc.WithResolvers(static(o)))
	}
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("pdp: %w", err)
	}
	return conn, nil
}

// static resolves to Options.Addresses.
func static(o Options) resolver.Builder {
	var s resolver.State
	for _, a := range o.Addresses {
		address := resolver.Address{Addr: a}
		if !strings.HasPrefix(a, "unix:") && o.TLS != nil && o.TLS.ServerName == "" {
			address.ServerName, _, _ = net.SplitHostPort(a)
		}
		s.Endpoints = append(s.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{address}})
	}
	b := manual.NewBuilderWithScheme("replicas")
	b.InitialState(s)
	return b
}
