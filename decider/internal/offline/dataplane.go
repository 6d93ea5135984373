package offline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// DataplaneVariable is the environment's name for the program that knows IMAP.
const DataplaneVariable = "GATEPOST_DATAPLANE"

// program is the file's name.
const program = "gatepost-dataplane"

// Dataplane is a command that runs gatepost-dataplane.
type Dataplane []string

// ErrNoDataplane says that the program is not there, and what to do.
var ErrNoDataplane = errors.New(program + " is not found, which reads IMAP for this program; " +
	"`make build` puts it beside this one, or name it by --dataplane FILE or " + DataplaneVariable)

// FindDataplane finds the program: the one named (a file, or a command such as "go run ./dataplane/cmd/gatepost-dataplane"), else
// that of the environment, else the one beside this program, else the first in PATH.
func FindDataplane(named string) (Dataplane, error) {
	for _, command := range []string{named, os.Getenv(DataplaneVariable)} {
		if command == "" {
			continue
		}
		if info, err := os.Stat(command); err == nil && !info.IsDir() {
			return Dataplane{command}, nil
		}
		if words := strings.Fields(command); len(words) > 1 {
			return words, nil
		}
		return nil, fmt.Errorf("%s: no such program", command)
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), program)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return Dataplane{beside}, nil
		}
	}
	if found, err := exec.LookPath(program); err == nil {
		return Dataplane{found}, nil
	}
	return nil, ErrNoDataplane
}

// Output runs the program and gives what it wrote, also where it then failed. The error says that it could not be run, or that it failed and
// wrote nothing; it has what the program said.
func (d Dataplane) Output(ctx context.Context, args ...string) (out []byte, err error) {
	cmd := exec.CommandContext(ctx, d[0], append(d[1:len(d):len(d)], args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err = cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(out) > 0 {
		return out, nil
	}
	if err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			return nil, errors.New(text)
		}
		return nil, fmt.Errorf("%s: %w", strings.Join(d, " "), err)
	}
	return out, nil
}
