// Command manual writes the manual page of a configuration file, from the comments of the structures that it is decoded into.
//
//	go run ./deploy/debian/manual NAME CONFIG.GO > NAME.5
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: manual NAME CONFIG.GO")
	}
	text, err := page(args[0], args[1])
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(md2man.Render([]byte(text)))
	return err
}

// page is the manual page in Markdown.
func page(name, file string) (string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		return "", err
	}
	structs := map[string]*ast.StructType{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if t, ok := n.(*ast.TypeSpec); ok {
			if s, ok := t.Type.(*ast.StructType); ok {
				structs[t.Name.Name] = s
			}
		}
		return true
	})
	root := structs["Config"]
	if root == nil {
		return "", fmt.Errorf("%s has no type Config", file)
	}
	program := strings.TrimSuffix(name, ".yaml")
	b := new(strings.Builder)
	fmt.Fprintf(b, "%% %s 5 \"\" Gatepost Gatepost\n# NAME\n%s - configuration of %s(1)\n", strings.ToUpper(name), name, program)
	fmt.Fprintf(b, "# DESCRIPTION\nOne YAML document. A field that is not known is an error. Durations are spelled as **250ms**, **31m** or **2h**; "+
		"sizes as a count of octets, or **64KiB**, **1MiB**, **2GiB**. Names of files are relative to the folder of the configuration.\n\n"+
		"**%s check --config FILE** says what is wrong with a file, by line and field.\n# SETTINGS\n", program)
	if err := settings(b, structs, root, ""); err != nil {
		return "", err
	}
	fmt.Fprintf(b, "# SEE ALSO\n**%s**(1)\n", program)
	return b.String(), nil
}

// settings writes the fields of a structure, each with those below it.
func settings(b *strings.Builder, structs map[string]*ast.StructType, s *ast.StructType, path string) error {
	for _, f := range s.Fields.List {
		if len(f.Names) != 1 || f.Tag == nil {
			return fmt.Errorf("a field below %q has no name or no tag", path)
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return err
		}
		key := strings.TrimPrefix(path+"."+reflect.StructTag(tag).Get("yaml"), ".")
		kind, list := element(f.Type)
		if list {
			key += "[]"
		}
		comment := strings.Join(strings.Fields(f.Doc.Text()), " ")
		if comment == "" {
			return fmt.Errorf("%s has no comment", key)
		}
		// Comments begin with the name of the field in Go: "Name is the listener's name".
		comment = beginning.ReplaceAllString(comment, "")
		fmt.Fprintf(b, "**%s**\n: %s\n\n", key, escape(upper(comment)))
		if below := structs[kind]; below != nil {
			if err := settings(b, structs, below, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// element is the name of a field's type, or of its elements'.
func element(e ast.Expr) (name string, list bool) {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name, false
	case *ast.StarExpr:
		return element(t.X)
	case *ast.ArrayType:
		name, _ = element(t.Elt)
		return name, true
	}
	return "", false
}

// beginning is what comments begin with.
var beginning = regexp.MustCompile(`^\w+ (is |are )?`)

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

var escape = strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "`", "\\`").Replace
