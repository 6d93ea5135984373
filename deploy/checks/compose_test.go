package checks

import (
	"os"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// compose is the project of compose.yaml, as Compose reads it: an unknown field is an error.
func compose(t *testing.T) *types.Project {
	t.Helper()
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  containersDir,
		ConfigFiles: []types.ConfigFile{{Filename: containersDir + "/compose.yaml"}},
	}, func(o *loader.Options) {
		o.SetProjectName("gatepost", true)
		o.ResolvePaths = true
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCompose: what compose.yaml builds are stages of the Dockerfile, what it mounts is there, and the programs cannot write their
// root file system nor gain privileges.
func TestCompose(t *testing.T) {
	p, stages := compose(t), dockerfile(t)
	for _, name := range []string{"dataplane", "decider", "sink"} {
		s, ok := p.Services[name]
		if !ok {
			t.Errorf("no service %s", name)
			continue
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s is not confined", name)
		}
	}
	for name, s := range p.Services {
		if b := s.Build; b != nil {
			if _, ok := stages[b.Target]; !ok {
				t.Errorf("%s: no stage %q in the Dockerfile", name, b.Target)
			}
			if _, err := os.Stat(b.Context + "/" + b.Dockerfile); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
