package checks

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

const containersDir = "../containers"

// dockerfile are the stages of the Dockerfile, by name, as BuildKit reads them. What its linter says fails the test.
func dockerfile(t *testing.T) map[string]instructions.Stage {
	t.Helper()
	text, err := os.ReadFile(containersDir + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	ast, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("Dockerfile: %s: %s %v", rule, message, at)
	}})
	for _, w := range ast.Warnings {
		t.Errorf("Dockerfile: %s", w.Short)
	}
	stages, _, err := instructions.Parse(ast.AST, lint)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]instructions.Stage{}
	for _, s := range stages {
		byName[s.Name] = s
	}
	return byName
}

// image is what a stage without RUN says of its image.
type image struct {
	user  string
	start []string // the entry point, then its arguments
	// copies are what it has of the build stage, by path.
	copies map[string]copied
}

// copied is a path of the build stage, with the owner that it gets; empty: root.
type copied struct{ from, owner string }

// imageOf follows a stage to scratch. It fails on what it does not know.
func imageOf(t *testing.T, stages map[string]instructions.Stage, name string) image {
	t.Helper()
	s, ok := stages[name]
	if !ok {
		t.Fatalf("no stage %s", name)
	}
	i := image{copies: map[string]copied{}}
	if s.BaseName != "scratch" {
		i = imageOf(t, stages, s.BaseName)
	}
	var command []string
	for _, c := range s.Commands {
		switch c := c.(type) {
		case *instructions.CopyCommand:
			if c.From != "build" || len(c.SourcePaths) != 1 {
				t.Errorf("%s: %v is no copy of one path of the build stage", name, c)
			}
			i.copies[c.DestPath] = copied{c.SourcePaths[0], c.Chown}
		case *instructions.UserCommand:
			i.user = c.User
		case *instructions.EntrypointCommand:
			if c.PrependShell {
				t.Errorf("%s: the entry point needs a shell, and there is none", name)
			}
			i.start = c.CmdLine
		case *instructions.CmdCommand:
			command = c.CmdLine
		case *instructions.LabelCommand:
		default:
			t.Errorf("%s: %v in an image of scratch", name, c)
		}
	}
	i.start = append(i.start[:len(i.start):len(i.start)], command...)
	return i
}

var numeric = regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`)

// TestDockerfile: BuildKit's parser and linter have nothing to say; the programs' images hold the program, the authorities and
// empty folders, and run as a user who is a number and not root.
func TestDockerfile(t *testing.T) {
	stages := dockerfile(t)
	for _, name := range []string{"dataplane", "decider", "sink"} {
		i := imageOf(t, stages, name)
		if !numeric.MatchString(i.user) {
			t.Errorf("%s: user %q", name, i.user)
		}
		if len(i.start) == 0 || i.copies[i.start[0]] == (copied{}) {
			t.Errorf("%s: starts %q, which is not copied", name, i.start)
		}
		if i.copies["/etc/ssl/certs/ca-certificates.crt"] == (copied{}) {
			t.Errorf("%s: no authorities", name)
		}
	}
}
