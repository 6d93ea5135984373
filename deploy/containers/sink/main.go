// Command sink is a service that takes OPA's decision logs over HTTP, as a log collector does, and prints each record as a line of
// JSON. It is for the demo in deploy/containers.
package main

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"
)

// maxUpload bounds the octets of an upload, unpacked.
const maxUpload = 64 << 20

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where the decider uploads: `host:port`")
	flag.Parse()
	mux := http.NewServeMux()
	mux.Handle("POST /logs", &sink{out: os.Stdout})
	s := &http.Server{Addr: *listen, Handler: mux, ReadTimeout: 30 * time.Second}
	log.Fatal(s.ListenAndServe())
}

// sink writes the records of uploads.
type sink struct {
	mu  sync.Mutex
	out io.Writer
}

// ServeHTTP takes one upload: an array of records, compressed with gzip where its header says so. It is written whole or refused.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	var records []json.RawMessage
	if err := json.NewDecoder(io.LimitReader(body, maxUpload)).Decode(&records); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, record := range records {
		if _, err := s.out.Write(append(record, '\n')); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
}
