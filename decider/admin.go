package decider

import (
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gatepost/gatepost/decider/internal/server"
)

// serveAdmin serves metrics and health until the result is called. What ends it before goes to failed.
func (d *Decider) serveAdmin(failed chan<- error) (stop func(), err error) {
	if d.cfg.Admin.Address == "" {
		return func() {}, nil
	}
	l := d.opts.Admin
	if l == nil {
		mode, err := d.cfg.Mode()
		if err != nil {
			return nil, err
		}
		if l, err = server.Listen(adminAddress(d.cfg.Admin.Address), mode); err != nil {
			return nil, err
		}
	}
	d.opts.Log.Info("listening for metrics and health", "address", l.Addr().String())
	s := &http.Server{Handler: d.adminHandler(d.cfg.Admin.Profiles || isLocal(l.Addr())), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := s.Serve(l); err != http.ErrServerClosed {
			failed <- err
		}
	}()
	return func() { _ = s.Close() }, nil
}

// adminAddress is where to listen for operators: on this machine, where the address names no host.
func adminAddress(address string) string {
	if strings.HasPrefix(address, ":") {
		return "127.0.0.1" + address
	}
	return address
}

// adminHandler has metrics, health, and profiles if they are wanted.
func (d *Decider) adminHandler(profiles bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		switch {
		case d.draining.Load():
			http.Error(w, "draining", http.StatusServiceUnavailable)
		case d.engine.Force().Revision == "":
			http.Error(w, "no policy is loaded", http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, "ok\n")
		}
	})
	if profiles {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// isLocal says if only this machine can connect to the address.
func isLocal(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}
