package dataplane

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// AdminAddr is the address of the listener for metrics and health; nil: there is none.
func (d *Dataplane) AdminAddr() net.Addr {
	if d.admin == nil {
		return nil
	}
	return d.admin.Addr()
}

// serveAdmin serves metrics and health until Shutdown closes the listener.
func (d *Dataplane) serveAdmin() error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !d.Ready() {
			http.Error(w, "decider not connected", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer s.Close()
	if err := s.Serve(d.admin); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
