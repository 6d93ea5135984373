package socket

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFits: a socket is found by where it listens, however the configuration spells that.
func TestFits(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		listen string
		yes    []string
		no     []string
	}{
		{"127.0.0.1:0", []string{"127.0.0.1:%"}, []string{":%", "0.0.0.0:%", "127.0.0.2:%", "127.0.0.1:1", "unix:127.0.0.1:%", "nonsense"}},
		{"[::1]:0", []string{"[::1]:%"}, []string{":%", "127.0.0.1:%"}},
		{"0.0.0.0:0", []string{":%", "0.0.0.0:%"}, []string{"127.0.0.1:%"}},
		{":0", []string{":%", "[::]:%"}, []string{"127.0.0.1:%", "[::1]:%"}},
		{"unix:" + dir + "/s", []string{"unix:" + dir + "/s"}, []string{"unix:" + dir + "/other", "127.0.0.1:143"}},
	} {
		s, err := Open(test.listen)
		if err != nil {
			t.Fatal(err)
		}
		s.Address = ""
		_, port, _ := net.SplitHostPort(s.Addr().String())
		for _, address := range test.yes {
			if !s.Fits(strings.ReplaceAll(address, "%", port)) {
				t.Errorf("%s does not fit %s", test.listen, address)
			}
		}
		for _, address := range test.no {
			if s.Fits(strings.ReplaceAll(address, "%", port)) {
				t.Errorf("%s fits %s", test.listen, address)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestUnix: the file of a unix socket is gone with its owner, and not with a listener of it, nor with one who has left it to another.
func TestUnix(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	there := func() bool {
		_, err := os.Stat(name)
		return err == nil
	}
	s, err := Open("unix:" + name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open("unix:" + name); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened twice: %v", err)
	}
	l, err := s.Listener()
	if err != nil {
		t.Fatal(err)
	}
	if l.Close(); !there() {
		t.Error("gone with a listener")
	}
	if s.Leave(); !there() {
		t.Error("gone with one who has left it")
	}
	if s, err = Open("unix:" + name); err != nil {
		t.Fatalf("what nobody listens on is not taken over: %v", err)
	}
	if s.Close(); there() {
		t.Error("left behind")
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("unix:" + name); err == nil || !there() {
		t.Errorf("a file that is no socket: %v", err)
	}
}
