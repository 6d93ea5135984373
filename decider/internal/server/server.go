package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/service"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Config bounds a server. Every field is required unless it says otherwise.
type Config struct {
	// MessageBytes is the size of the largest question.
	MessageBytes int
	// ConcurrentStreams is how many gRPC streams of one connection are open at once.
	ConcurrentStreams int
	// ConnectionAge is how old a connection gets.
	ConnectionAge time.Duration
	// StreamQuestions is how many questions of one DecideStream are answered at once.
	StreamQuestions int
	// ReportReuses is how many reuses a report may have.
	ReportReuses int
	// QuestionTimeout is how long a question waits for its answer.
	QuestionTimeout time.Duration
	// Clients are the subject alternative names of those who may ask over TLS. Empty: all.
	Clients []string
	// StreamWorkers is how many goroutines are kept for questions.
	StreamWorkers int
	// TLS is TLS towards dataplanes. Nil: none.
	TLS *tls.Config
	// Log gets panics.
	Log *slog.Logger
}

// Server answers questions.
type Server struct {
	*grpc.Server
	cfg    Config
	health *health.Server
	// soon is closed when the server will end, now when it does: streams are told, and watchers go.
	soon, now chan struct{}
}

// New gives a server that is not ready.
func New(cfg Config, d Decider) *Server {
	s := &Server{cfg: cfg, health: health.NewServer(), soon: make(chan struct{}), now: make(chan struct{})}
	opts := []grpc.ServerOption{
		// Kept goroutines keep their grown stacks; a new one for each question costs half as much again.
		grpc.NumStreamWorkers(uint32(cfg.StreamWorkers)),
		grpc.MaxConcurrentStreams(uint32(cfg.ConcurrentStreams)),
		grpc.MaxRecvMsgSize(cfg.MessageBytes),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      part(cfg.ConnectionAge, turnAway),
			MaxConnectionAgeGrace: part(cfg.ConnectionAge, grace) + linger,
		}),
		grpc.StatsHandler(births{}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(recoverUnary(cfg.Log), s.admitUnary),
		grpc.ChainStreamInterceptor(s.admitStream, s.endWatch),
	}
	if cfg.TLS != nil {
		opts = append(opts, grpc.Creds(newNetworkTLS(cfg.TLS)))
	}
	s.Server = grpc.NewServer(opts...)
	s.Ready(false)
	deciderv1.RegisterDeciderServiceServer(s, service{server: s, decider: d})
	healthv1.RegisterHealthServer(s, s.health)
	reflection.Register(s)
	channelz.RegisterChannelzServiceToServer(s)
	return s
}

// Ready sets the health of the server and of the decider service.
func (s *Server) Ready(yes bool) {
	state := healthv1.HealthCheckResponse_NOT_SERVING
	if yes {
		state = healthv1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", state)
	s.health.SetServingStatus(deciderv1.DeciderService_ServiceDesc.ServiceName, state)
}

// Drain turns health to NOT_SERVING for good, goes on to answer for wait, then takes no new questions and waits for those in
// flight, at most for limit. Streams are told at the start, so that those asked elsewhere have the time, and again behind
// wait, when there is no connection to open another on.
func (s *Server) Drain(wait, limit time.Duration) {
	s.health.Shutdown()
	close(s.soon)
	time.Sleep(wait)
	stop := time.AfterFunc(limit, s.Stop)
	defer stop.Stop()
	stopped := make(chan struct{})
	go func() {
		s.GracefulStop()
		close(stopped)
	}()
	close(s.now)
	<-stopped
}

// recoverUnary makes a panic the failure of one question.
func recoverUnary(log *slog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		defer func() {
			if r := recover(); r != nil {
				log.Error("panic", slog.String("method", info.FullMethod), slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
				resp, err = nil, status.Error(codes.Internal, fmt.Sprintf("panic: %v", r))
			}
		}()
		return handler(ctx, req)
	}
}

// endWatch ends watching of health when the server drains: it would otherwise be a question in flight for ever.
func (s *Server) endWatch(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if info.FullMethod != healthv1.Health_Watch_FullMethodName {
		return handler(srv, stream)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	go func() {
		select {
		case <-s.now:
			cancel()
		case <-ctx.Done():
		}
	}()
	return handler(srv, endingStream{stream, ctx})
}

// endingStream is a stream with another context.
type endingStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s endingStream) Context() context.Context { return s.ctx }
