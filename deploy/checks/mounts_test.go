package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// pod is what the container of a component's pod has of its own: the volumes, laid out below a folder as the kubelet does, with the
// configuration's paths moved there.
type pod struct {
	t         *testing.T
	os        objects
	component string
	// root is the folder.
	root string
	// files are those of Secrets and ConfigMaps that the chart does not make.
	files map[string][]byte
	// replace is done in every text of the chart's own ConfigMaps.
	replace *strings.Replacer
}

// spec is the pod's, by the component's label.
func (p *pod) spec() corev1.PodSpec {
	p.t.Helper()
	for _, d := range of[*appsv1.Deployment](p.os) {
		if d.Labels["app.kubernetes.io/component"] == p.component {
			return d.Spec.Template.Spec
		}
	}
	p.t.Fatalf("no Deployment for the component %s", p.component)
	return corev1.PodSpec{}
}

// mount lays out the container's volumes, and returns its arguments.
func (p *pod) mount() (args []string) {
	p.t.Helper()
	spec := p.spec()
	for _, m := range spec.Containers[0].VolumeMounts {
		i := slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
		if i < 0 {
			p.t.Fatalf("no volume %s", m.Name)
		}
		at := filepath.Join(p.root, m.MountPath)
		if err := os.MkdirAll(at, 0o755); err != nil {
			p.t.Fatal(err)
		}
		v := spec.Volumes[i]
		switch {
		case v.ConfigMap != nil:
			p.write(at, p.configMap(v.ConfigMap))
		case v.Secret != nil:
			p.write(at, p.files)
		case v.EmptyDir == nil:
			p.t.Fatalf("the volume %s is of no kind known", v.Name)
		}
	}
	for _, a := range spec.Containers[0].Args {
		args = append(args, p.replace.Replace(a))
	}
	return args
}

// configMap are the files of a ConfigMap's volume, by path.
func (p *pod) configMap(v *corev1.ConfigMapVolumeSource) map[string][]byte {
	c := named[*corev1.ConfigMap](p.os, v.Name)
	if c == nil {
		return p.files
	}
	files := map[string][]byte{}
	paths := map[string]string{}
	for _, item := range v.Items {
		paths[item.Key] = item.Path
		if _, ok := c.Data[item.Key]; !ok {
			p.t.Errorf("ConfigMap %s has no key %s", v.Name, item.Key)
		}
	}
	for key, text := range c.Data {
		path, ok := paths[key]
		if !ok && len(paths) > 0 {
			continue
		}
		if !ok {
			path = key
		}
		files[path] = []byte(p.replace.Replace(text))
	}
	return files
}

// write writes files as the kubelet's atomic writer does: into a folder of their own, to which ..data is a link, to which each of
// the volume's own names is one. It changes what was written before by one rename.
func (p *pod) write(at string, files map[string][]byte) {
	p.t.Helper()
	must := func(err error) {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
	}
	payload, err := os.MkdirTemp(at, "..")
	must(err)
	must(os.Chmod(payload, 0o755))
	for path, data := range files {
		name := filepath.Join(payload, path)
		must(os.MkdirAll(filepath.Dir(name), 0o755))
		must(os.WriteFile(name, data, 0o644))
	}
	link := filepath.Join(at, "..data_tmp")
	must(os.Symlink(filepath.Base(payload), link))
	must(os.Rename(link, filepath.Join(at, "..data")))
	for path := range files {
		first, _, _ := strings.Cut(path, "/")
		if err := os.Symlink(filepath.Join("..data", first), filepath.Join(at, first)); err != nil && !os.IsExist(err) {
			must(err)
		}
	}
}

// newPod lays nothing out yet. moved are more texts to replace, and what by.
func newPod(t *testing.T, os objects, component string, files map[string][]byte, moved ...string) *pod {
	root := t.TempDir()
	moved = append(moved, "/etc/gatepost", root+"/etc/gatepost", "/var/lib/gatepost", root+"/var/lib/gatepost")
	return &pod{t: t, os: os, component: component, root: root, files: files, replace: strings.NewReplacer(moved...)}
}

// TestProgramsTakeTheirConfigurations: with each set of values the programs' own check has nothing to say of the configurations that
// their pods have, nor of any file they name.
func TestProgramsTakeTheirConfigurations(t *testing.T) {
	for name, values := range valueSets(t) {
		t.Run(name, func(t *testing.T) {
			os := rendered(t, values)
			for _, component := range []string{"dataplane", "decider"} {
				args := newPod(t, os, component, certificates(t)).mount()
				if len(args) != 3 || args[0] != "serve" {
					t.Fatalf("%s: arguments %q", component, args)
				}
				out, err := output(program(t, "gatepost-"+component), "check", args[1], args[2])
				if err != nil || !strings.Contains(out, "ok") {
					t.Error(fmt.Errorf("%s: %w: %s", component, err, out))
				}
			}
		})
	}
}
