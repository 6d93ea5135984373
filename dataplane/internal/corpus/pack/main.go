// Pack prints a corpus of Go's fuzzing engine, a folder with a file for each input, as package corpus reads it.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	lines, err := pack(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
	fmt.Print(strings.Join(lines, ""))
}

func pack(folders []string) (lines []string, err error) {
	for _, folder := range folders {
		files, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(folder, f.Name()))
			if err != nil {
				return nil, err
			}
			arguments, ok := bytes.CutPrefix(text, []byte("go test fuzz v1\n"))
			if !ok {
				return nil, fmt.Errorf("%s is no input of the fuzzing engine", f.Name())
			}
			lines = append(lines, strings.ReplaceAll(strings.TrimSpace(string(arguments)), "\n", ", ")+"\n")
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}
