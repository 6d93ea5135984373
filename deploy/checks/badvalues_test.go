package checks

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// TestBadValues: each file of testdata/bad-values.txtar is values that would be good, but for one; it begins with what Helm says
// of that one.
func TestBadValues(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/bad-values.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) < 20 {
		t.Fatalf("%d cases", len(archive.Files))
	}
	for _, f := range archive.Files {
		t.Run(f.Name, func(t *testing.T) {
			comment, text, _ := strings.Cut(string(f.Data), "\n")
			want, ok := strings.CutPrefix(comment, "# ")
			if !ok {
				t.Fatalf("begins with no comment: %s", comment)
			}
			good, err := common.ReadValuesFile(chartDir + "/ci/default-values.yaml")
			if err != nil {
				t.Fatal(err)
			}
			bad, err := common.ReadValues([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			values := loader.MergeMaps(good, bad)
			if _, err := render(values); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

var offs = regexp.MustCompile(`: off\b`)

// TestSchemaOfEverySetting: the whole example of the dataplane's configuration, less what the chart sets, is taken as dataplane.config.
func TestSchemaOfEverySetting(t *testing.T) {
	text, err := os.ReadFile("../examples/dataplane.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// Helm reads YAML 1.1, in which off is false.
	config, err := common.ReadValues(offs.ReplaceAll(text, []byte(`: "off"`)))
	if err != nil {
		t.Fatal(err)
	}
	delete(config, "admin")
	for _, key := range []string{"drain_on_stop", "shutdown"} {
		delete(config["timeouts"].(map[string]any), key)
	}
	for _, key := range []string{"address", "addresses", "tls"} {
		delete(config["decider"].(map[string]any), key)
	}
	c, err := loadChart()
	if err != nil {
		t.Fatal(err)
	}
	if err := util.ValidateAgainstSchema(c, map[string]any{"dataplane": map[string]any{"config": config.AsMap()}}); err != nil {
		t.Error(err)
	}
}
