// Package tracing is what both programs know of OpenTelemetry: where spans are sent, and how a question carries the span that asks it
// (Question.traceparent). What is left open in a Config comes from OpenTelemetry's own environment variables (OTEL_EXPORTER_OTLP_*,
// OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_*), of which headers, which may hold a secret, have no
// other place.
package tracing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/credentials"
)

// The values of Config.Protocol, as OTEL_EXPORTER_OTLP_PROTOCOL spells them.
const (
	Off  = "off"
	GRPC = "grpc"
	HTTP = "http/protobuf"
)

// Config says where spans go. The programs' configurations document it.
type Config struct {
	Protocol             string
	Endpoint             string
	CA, Certificate, Key string
	SampleRatio          *float64
	ServiceName          string
}

// Provider makes tracers, and sends what they trace.
type Provider = sdktrace.TracerProvider

// Start makes a provider for the program of that name; instance tells it from others of the same. It does not connect yet. Nil: tracing is
// off. What cannot be sent is logged. Shutdown of the result sends what is left.
func Start(ctx context.Context, c Config, program, instance string, log *slog.Logger) (*Provider, error) {
	if c.Protocol == Off || c.Protocol == "" {
		return nil, nil
	}
	exporter, err := c.exporter(ctx)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	res, err := c.resource(program, instance)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithBatcher(exporter), sdktrace.WithResource(res)}
	if c.SampleRatio != nil {
		options = append(options, sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(*c.SampleRatio))))
	}
	// The exporters have no other way to say what fails.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("tracing", slog.Any("error", err)) }))
	return sdktrace.NewTracerProvider(options...), nil
}

// resource is the program; what the environment says of it comes before what it says of itself.
func (c Config) resource(program, instance string) (*resource.Resource, error) {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	own := resource.NewSchemaless(
		attribute.String("service.name", program),
		attribute.String("service.namespace", "gatepost"),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", instance),
	)
	r, err := resource.Merge(own, resource.Environment())
	if err != nil || c.ServiceName == "" {
		return r, err
	}
	return resource.Merge(r, resource.NewSchemaless(attribute.String("service.name", c.ServiceName)))
}

func (c Config) exporter(ctx context.Context) (*otlptrace.Exporter, error) {
	conf, err := c.TLS()
	if err != nil {
		return nil, err
	}
	if c.Protocol == HTTP {
		var options []otlptracehttp.Option
		if c.Endpoint != "" {
			options = append(options, otlptracehttp.WithEndpointURL(c.Endpoint))
		}
		if conf != nil {
			options = append(options, otlptracehttp.WithTLSClientConfig(conf))
		}
		return otlptracehttp.New(ctx, options...)
	}
	var options []otlptracegrpc.Option
	if c.Endpoint != "" {
		options = append(options, otlptracegrpc.WithEndpointURL(c.Endpoint))
	}
	if conf != nil {
		options = append(options, otlptracegrpc.WithTLSCredentials(credentials.NewTLS(conf)))
	}
	return otlptracegrpc.New(ctx, options...)
}

// TLS is what the configuration says of TLS; nil: nothing, and the environment or the system decides. The error names the file.
func (c Config) TLS() (*tls.Config, error) {
	if c.CA == "" && c.Certificate == "" {
		return nil, nil
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		data, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		if conf.RootCAs = x509.NewCertPool(); !conf.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", c.CA)
		}
	}
	if c.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
		if err != nil {
			return nil, err
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}
