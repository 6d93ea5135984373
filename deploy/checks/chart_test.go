package checks

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartlint "helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

const chartDir = "../kubernetes/gatepost"

// The release that tests render.
const (
	release   = "test"
	namespace = "mail"
)

// valueSets are the files of values that are rendered, by name.
func valueSets(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chartDir, "ci", "*-values.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no value sets", err)
	}
	sets := map[string]map[string]any{}
	for _, name := range files {
		values, err := common.ReadValuesFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sets[strings.TrimSuffix(filepath.Base(name), "-values.yaml")] = values
	}
	return sets
}

// loadChart reads the chart, once.
var loadChart = sync.OnceValues(func() (*chart.Chart, error) { return loader.Load(chartDir) })

// render renders the chart as `helm template` does, and returns its files that are not empty.
func render(values map[string]any) (map[string]string, error) {
	c, err := loadChart()
	if err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: release, Namespace: namespace, IsInstall: true, Revision: 1}
	top, err := util.ToRenderValues(c, values, options, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{}.RenderWithContext(context.Background(), c, top)
	if err != nil {
		return nil, err
	}
	for name, text := range files {
		if strings.TrimSpace(text) == "" {
			delete(files, name)
		}
	}
	return files, nil
}

// decoder takes an object only if its type has every field that the object has, once.
var decoder = func() runtime.Decoder {
	s := runtime.NewScheme()
	utilruntime.Must(scheme.AddToScheme(s))
	utilruntime.Must(monitoringv1.AddToScheme(s))
	return serializer.NewCodecFactory(s, serializer.EnableStrict).UniversalDeserializer()
}()

// decode decodes every object of the rendered files.
func decode(t *testing.T, files map[string]string) objects {
	t.Helper()
	var all objects
	for name, text := range files {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for doc := range strings.SplitSeq("\n"+text, "\n---") {
			if strings.TrimSpace(doc) == "" {
				continue
			}
			o, _, err := decoder.Decode([]byte(doc), nil, nil)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, doc)
				continue
			}
			all = append(all, o)
		}
	}
	return all
}

// rendered are the objects of values that are good.
func rendered(t *testing.T, values map[string]any) objects {
	t.Helper()
	files, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, files)
}

// TestChartLint: Helm's own lint has nothing to say, with any values.
func TestChartLint(t *testing.T) {
	for name, values := range valueSets(t) {
		for _, m := range chartlint.RunAll(chartDir, values, namespace).Messages {
			if m.Severity > support.InfoSev {
				t.Errorf("%s: %v", name, m)
			}
		}
	}
}

// TestValuesAreDocumented: each value of values.yaml has its type in values.schema.json, and each of the schema is in values.yaml.
func TestValuesAreDocumented(t *testing.T) {
	c, err := loadChart()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := common.ReadValues(c.Schema) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "", schema, c.Values)
}

// unset are those of the schema that values.yaml leaves out: Helm's own, and a kind of resource that neither program has.
var unset = map[string]bool{
	common.GlobalKey: true, "dataplane.resources.claims": true, "decider.resources.claims": true,
}

// compare compares the properties of a schema with values, but for what has a reference of its own and for free maps.
func compare(t *testing.T, at string, schema, values map[string]any) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	for key := range values {
		if properties[key] == nil && properties != nil {
			t.Errorf("%s%s is in values.yaml, and not in the schema", at, key)
		}
	}
	for key, p := range properties {
		value, ok := values[key]
		if !ok && !unset[at+key] {
			t.Errorf("%s%s is in the schema, and not in values.yaml", at, key)
		}
		below, _ := p.(map[string]any)
		if m, isMap := value.(map[string]any); isMap && below["properties"] != nil {
			compare(t, at+key+".", below, m)
		}
	}
}
