package pdp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/endpointsharding"
	"google.golang.org/grpc/balancer/pickfirst"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/serviceconfig"
	"google.golang.org/grpc/status"
)

// policyName is the load balancing policy that a Client uses. It is round_robin, but for two things: it tells the Client which
// replicas are ready, and a call goes to the replica that the Client named. So streams can be spread evenly, and a question
// that one replica did not answer can be put to another.
const policyName = "gatepost_replicas"

func init() { balancer.Register(policy{}) }

// clients are the clients by the number in their service config: gRPC gives a policy nothing else of its channel.
var clients sync.Map

// policy implements balancer.Builder and balancer.ConfigParser.
type policy struct{}

type policyConfig struct {
	serviceconfig.LoadBalancingConfig `json:"-"`
	Client                            uint64 `json:"client"`
}

// Name implements balancer.Builder.
func (policy) Name() string { return policyName }

// ParseConfig implements balancer.ConfigParser.
func (policy) ParseConfig(js json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	c := new(policyConfig)
	if err := json.Unmarshal(js, c); err != nil {
		return nil, fmt.Errorf("pdp: %s: %w", policyName, err)
	}
	return c, nil
}

// Build implements balancer.Builder.
func (policy) Build(cc balancer.ClientConn, o balancer.BuildOptions) balancer.Balancer {
	b := &replicaBalancer{ClientConn: cc}
	b.Balancer = endpointsharding.NewBalancer(b, o, balancer.Get(pickfirst.Name).Build, endpointsharding.Options{})
	return b
}

// replicaBalancer stands between a channel and the policy that keeps a connection to each endpoint.
type replicaBalancer struct {
	balancer.ClientConn
	balancer.Balancer
	client *Client
	// unresolved is why there are no addresses.
	unresolved error
}

// UpdateClientConnState implements balancer.Balancer.
func (b *replicaBalancer) UpdateClientConnState(s balancer.ClientConnState) error {
	config, ok := s.BalancerConfig.(*policyConfig)
	if !ok {
		return fmt.Errorf("pdp: %s: no config", policyName)
	}
	c, ok := clients.Load(config.Client)
	if !ok {
		return fmt.Errorf("pdp: %s: no client %d", policyName, config.Client)
	}
	b.client, b.unresolved = c.(*Client), nil
	return b.Balancer.UpdateClientConnState(balancer.ClientConnState{ResolverState: pickfirst.EnableHealthListener(s.ResolverState)})
}

// ResolverError implements balancer.Balancer.
func (b *replicaBalancer) ResolverError(err error) {
	b.unresolved = err
	b.Balancer.ResolverError(err)
}

// UpdateState implements balancer.ClientConn.
func (b *replicaBalancer) UpdateState(s balancer.State) {
	ready := map[string]balancer.Picker{}
	why := b.unresolved
	for _, child := range endpointsharding.ChildStatesFromPicker(s.Picker) {
		switch child.State.ConnectivityState {
		case connectivity.Ready:
			addresses := make([]string, len(child.Endpoint.Addresses))
			for i, a := range child.Endpoint.Addresses {
				addresses[i] = a.Addr
			}
			ready[strings.Join(addresses, ",")] = child.State.Picker
		case connectivity.TransientFailure:
			_, why = child.State.Picker.Pick(balancer.PickInfo{Ctx: context.Background()})
		}
	}
	s.Picker = picker(ready)
	if b.client == nil { // names have not been resolved yet
		b.ClientConn.UpdateState(s)
		return
	}
	// A replica is given up before calls to it fail, and used only when they do not.
	b.client.leave(s.ConnectivityState, why, ready)
	b.ClientConn.UpdateState(s)
	b.client.join(s.ConnectivityState, ready)
}

// picker has the pickers of the replicas that are ready.
type picker map[string]balancer.Picker

// Pick implements balancer.Picker.
func (p picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	address, _ := info.Ctx.Value(pinned{}).(string)
	if child := p[address]; child != nil {
		return child.Pick(info)
	}
	return balancer.PickResult{}, status.Errorf(codes.Unavailable, "%q is not ready", address)
}

// pinned is the context key of the replica that a call goes to.
type pinned struct{}

func pin(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, pinned{}, address)
}
