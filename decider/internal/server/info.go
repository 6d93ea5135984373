package server

import (
	"context"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	opaversion "github.com/open-policy-agent/opa/v1/version"

	deciderv1 "github.com/gatepost/gatepost/proto/gatepost/decider/v1"
)

// Version is the program's, as the Go toolchain recorded it.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// GetInfo implements deciderv1.DeciderServiceServer.
func (s service) GetInfo(context.Context, *deciderv1.GetInfoRequest) (*deciderv1.GetInfoResponse, error) {
	i := s.decider.Info()
	r := &deciderv1.GetInfoResponse{Revision: i.Revision, Version: Version(), OpaVersion: opaversion.Version, Id: i.ID}
	if i.Revision != "" {
		r.ActivatedUnixMs = i.Since.UnixMilli()
	}
	return r, nil
}

// WatchRevision implements deciderv1.DeciderServiceServer. It ends as DecideStream does, but at once and as UNAVAILABLE: the
// client watches another.
func (s service) WatchRevision(_ *deciderv1.WatchRevisionRequest, stream grpc.ServerStreamingServer[deciderv1.WatchRevisionResponse]) error {
	ends := s.server.ends(stream.Context())
	defer ends.age.Stop()
	for {
		i := s.decider.Info()
		if err := stream.Send(&deciderv1.WatchRevisionResponse{Revision: i.Revision}); err != nil {
			return err
		}
		select {
		case <-i.Changed:
		case <-ends.age.C:
			return errEnded
		case <-ends.now:
			return errEnded
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		}
	}
}

var errEnded = status.Error(codes.Unavailable, "server: the stream was drained")
