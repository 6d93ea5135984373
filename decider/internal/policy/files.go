package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// file is a file of a policy.
type file struct {
	// name is for messages and for the names of modules; path is below the directory, with slashes.
	name, path string
	data       []byte
}

// Bounds on a directory.
const (
	maxFiles = 10_000
	maxBytes = 256 << 20
	// maxNesting ends a loop of symbolic links.
	maxNesting = 32
)

// readDirectory reads a local directory's files of wanted names, sorted by path; none for an empty name.
func readDirectory(dir string, wanted func(name string) bool) ([]file, error) {
	if dir == "" {
		return nil, nil
	}
	return readTree(nil, dir, "", 0, wanted)
}

func readTree(files []file, dir, below string, depth int, wanted func(string) bool) ([]file, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%s: folders nest deeper than %d", dir, maxNesting)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			// Also the folders that Kubernetes swaps behind a mounted ConfigMap's links.
			continue
		}
		name := filepath.Join(dir, e.Name())
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		at := path.Join(below, e.Name())
		switch {
		case info.IsDir():
			if files, err = readTree(files, name, at, depth+1, wanted); err != nil {
				return nil, err
			}
		case wanted(e.Name()) && info.Mode().IsRegular():
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if files = append(files, file{name, at, data}); len(files) > maxFiles || total(files) > maxBytes {
				return nil, fmt.Errorf("%s: more than %d files or %d octets", dir, maxFiles, maxBytes)
			}
		}
	}
	return files, nil
}

func total(files []file) (n int) {
	for _, f := range files {
		n += len(f.data)
	}
	return n
}

// readLibrary reads the library's files, sorted by path.
func readLibrary(library fs.FS) ([]file, error) {
	var files []file
	err := fs.WalkDir(library, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !wanted(e.Name()) {
			return err
		}
		data, err := fs.ReadFile(library, name)
		files = append(files, file{"library/" + name, name, data})
		return err
	})
	return files, err
}

// wanted tells policy files from others.
func wanted(name string) bool {
	return isModule(name) || isData(name)
}

func isModule(name string) bool {
	return strings.HasSuffix(name, ".rego") && !isTest(name)
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.rego") }

func isData(name string) bool {
	return slices.Contains([]string{"data.json", "data.yaml", "data.yml"}, path.Base(name))
}

// revision is a hash of all that decides.
func revision(files []file) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d %s %d\n", len(f.path), f.path, len(f.data))
		h.Write(f.data)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))[:16]
}
