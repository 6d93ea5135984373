package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	saysDefault  = regexp.MustCompile(`Default: ([^.,;]+(?:\.sock|\.\d+)?)`)
	marksDefault = regexp.MustCompile(`"(\w+)" \(default\)`)
)

// The comments of the fields are the reference: each says its default, and it is the one of Default.
func TestReference(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			comments[spec.Name.Name+"."+f.Names[0].Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
		return false
	})

	checked := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			comment := comments[name]
			says := saysDefault.FindStringSubmatch(comment)
			if says == nil {
				says = marksDefault.FindStringSubmatch(comment)
			}
			field := v.Field(i)
			if says == nil && field.Kind() == reflect.Struct {
				walk(field)
				continue
			}
			if says == nil {
				t.Errorf("%s: the comment says no default", name)
				continue
			}
			if !isDefault(field, strings.Trim(says[1], `"`)) {
				t.Errorf("%s: the comment says %s, Default has %v", name, says[1], field)
			}
			checked++
			if field.Kind() == reflect.Struct {
				walk(field)
			}
		}
	}
	walk(reflect.ValueOf(*Default()))
	if checked < 20 {
		t.Errorf("%d fields were checked", checked)
	}
}

func isDefault(v reflect.Value, says string) bool {
	switch says {
	case "none", "off", "empty", "false":
		return v.IsZero() || v.Kind() == reflect.String && v.String() == says
	case "twice the processors":
		return v.Int() == int64(2*runtime.GOMAXPROCS(0))
	}
	switch value := v.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(says)
		return err == nil && d == value
	case []string:
		return strings.Join(value, ",") == says
	default:
		return fmt.Sprint(value) == says
	}
}
