package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	saysDefault  = regexp.MustCompile(`Default: (.+?)(?:\.$|\. |,|;)`)
	marksDefault = regexp.MustCompile(`"?([\w+.]+)"?(?: \(default| \([^)]*default\)|: what was refused)`)
)

// TestReference: the comments of the fields are the reference. Each says a default or that the field is required, and the default is
// the one that an empty field has.
func TestReference(t *testing.T) {
	comments := fieldComments(t)
	c := Default()
	c.Listeners = []Listener{{Upstream: &Upstream{}, TLS: ListenerTLS{Certificates: []Certificate{{}}}}}
	c.Decider.Address = "unix:/decider.sock"
	c.fill()
	// What has no default of its own: blocks of fields, and parts of what is required.
	skip := map[string]bool{
		"Config.Listeners": true, "Config.Upstream": true, "Config.Decider": true, "Config.Limits": true, "Config.Timeouts": true,
		"Config.Admin": true, "Config.Tracing": true, "Config.Log": true, "Config.Reuse": true, "Reuse.Reports": true, "Listener.Name": true, "Listener.Address": true, "ListenerTLS.Certificates": true,
		"Certificate.Certificate": true, "Certificate.Key": true, "ListenerTLS.ClientCA": true, "Upstream.Address": true,
		"Decider.Address": true, "Decider.Addresses": true, "Decider.TLS": true, "ClientTLS.Mode": true, "ClientTLS.Key": true,
	}
	checked := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice && v.Len() > 0 {
			if v.Kind() == reflect.Slice {
				v = v.Index(0)
			} else {
				v = v.Elem()
			}
		}
		if v.Kind() != reflect.Struct {
			return
		}
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			comment, field := comments[name], v.Field(i)
			if comment == "" {
				t.Errorf("%s has no comment", name)
			}
			if !skip[name] {
				says := saysDefault.FindStringSubmatch(comment)
				if says == nil {
					says = marksDefault.FindStringSubmatch(comment)
				}
				if says == nil {
					t.Errorf("%s: the comment says no default: %s", name, comment)
				} else if !isDefault(field, says[1]) {
					t.Errorf("%s: the comment says %s, an empty field is %v", name, says[1], field)
				}
				checked++
			}
			walk(field)
		}
	}
	walk(reflect.ValueOf(c))
	if checked < 50 {
		t.Errorf("%d fields were checked", checked)
	}
}

// fieldComments are the comments of all fields, by type and name.
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
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
	return comments
}

func isDefault(v reflect.Value, says string) bool {
	host, _ := os.Hostname()
	switch says {
	case "none", "off", "empty", "false", "absent", "the system's", "the address's host":
		switch v.Kind() {
		case reflect.Struct, reflect.Pointer: // whose own fields say what it is
			return true
		case reflect.String:
			return v.String() == "" || v.String() == says
		}
		return v.IsZero()
	case "the host's name":
		return v.String() == host
	}
	switch value := v.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(says)
		return err == nil && d == value
	case Size:
		s, err := ParseSize(says)
		return err == nil && s == value
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64) == says
	case int:
		return strconv.Itoa(value) == says
	case bool:
		return strconv.FormatBool(value) == says
	case string:
		return value == says
	}
	return v.Kind() == reflect.Struct && v.Field(0).String() == says // a block whose mode is meant
}
