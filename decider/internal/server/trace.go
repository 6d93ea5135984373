package server

import (
	"context"
	"encoding/hex"
	"strings"

	"google.golang.org/grpc/metadata"
)

// Trace is the trace and span of whoever asks, from the metadata traceparent (W3C Trace Context, version 00); empty: none. All
// questions of a stream have the stream's.
func Trace(ctx context.Context) (traceID, spanID string) {
	values := metadata.ValueFromIncomingContext(ctx, "traceparent")
	if len(values) == 0 {
		return "", ""
	}
	return Traceparent(values[0])
}

// Traceparent is the trace and span that a traceparent names; empty: none.
func Traceparent(s string) (traceID, spanID string) {
	parts := strings.Split(s, "-")
	if len(parts) != 4 || parts[0] != "00" || !isHex(parts[1], 32) || !isHex(parts[2], 16) {
		return "", ""
	}
	return parts[1], parts[2]
}

// isHex says if s is so many digits, in lower case and not all 0.
func isHex(s string, digits int) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == digits && s == strings.ToLower(s) && strings.Trim(s, "0") != ""
}
