package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// newRegistry is an OCI registry with the bundle that the server has as policies/main:latest.
func newRegistry(t *testing.T, s *bundleServer) *httptest.Server {
	digest := func(b []byte) string {
		sum := sha256.Sum256(b)
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	const manifestType = "application/vnd.oci.image.manifest.v1+json"
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		layer := s.data
		s.mu.Unlock()
		config := []byte("{}")
		manifest := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,
			"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},
			"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":%q,"size":%d,
				"annotations":{"org.opencontainers.image.title":"policies"}}]}`,
			manifestType, digest(config), len(config), digest(layer), len(layer))
		give := func(contentType string, b []byte) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(b)))
			w.Header().Set("Docker-Content-Digest", digest(b))
			if r.Method != http.MethodHead {
				_, _ = w.Write(b)
			}
		}
		switch name, found := strings.CutPrefix(r.URL.Path, "/v2/policies/main/"); {
		case r.URL.Path == "/v2/":
		case found && (name == "manifests/latest" || name == "manifests/"+digest(manifest)):
			give(manifestType, manifest)
		case found && name == "blobs/"+digest(layer):
			give("application/octet-stream", layer)
		case found && name == "blobs/"+digest(config):
			give("application/octet-stream", config)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// Policy comes from an OCI registry, and what is pushed later takes over.
func TestOCIBundles(t *testing.T) {
	s := newBundleServer(t)
	s.put(t, "one", rejecting("one"), true)
	r := newRegistry(t, s)
	e := configured(t, io.Discard, `{
		"persistence_directory": %q,
		"services": {"registry": {"url": %q, "type": "oci"}},
		"bundles": {"main": {"service": "registry", "resource": %q, "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1}}}
	}`, t.TempDir(), r.URL, strings.TrimPrefix(r.URL, "http://")+"/policies/main:latest")
	for _, version := range []string{"one", "two"} {
		s.put(t, version, rejecting(version), true)
		wait(t, "bundle "+version, func() bool { return text(t, e) == version && isOf(e, version) })
	}
}
