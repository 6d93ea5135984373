package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/util"
)

// ParserOptions are those that every policy is parsed with.
func ParserOptions() ast.ParserOptions {
	return ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true}
}

// load reads the library and a directory (empty: none) into one bundle that owns all of data. A file is read as a bundle. The
// error is an *Error.
func load(library fs.FS, dir string) (*source, error) {
	if info, err := os.Stat(dir); err == nil && info.Mode().IsRegular() {
		return loadBundle(dir)
	}
	s := &source{Bundle: bundle.Bundle{Data: map[string]any{}}, places: places{}}
	files, err := readDirectory(dir, wanted)
	if err != nil {
		return nil, refused(dir, err)
	}
	if err := s.add(files); err != nil {
		return nil, err
	}
	if !s.hasMain {
		base, err := readLibrary(library)
		if err != nil {
			return nil, refused("library", err)
		}
		s.withoutDefault = s.hasTables
		if !s.hasTables {
			if err := s.checkMembers(); err != nil {
				return nil, err
			}
		}
		s.inLibrary = true
		if err := s.add(base); err != nil {
			return nil, err
		}
		files = append(files, base...)
	}
	s.Manifest.Revision = revision(files)
	s.Manifest.Init()
	return s, nil
}

// source is a bundle in the making.
type source struct {
	bundle.Bundle
	// hasMain: a module of package imap.main came, and so the library with it. hasTables: one of package imap.policy.
	hasMain, hasTables bool
	// inLibrary: what comes now is the library's. withoutDefault leaves out its package imap.policy, the default policy; else
	// what data give takes the place of its rules.
	inLibrary, withoutDefault bool
	// places are where tables are written that are data.
	places places
}

// add parses modules and data. The error is an *Error with all that is wrong.
func (s *source) add(files []file) error {
	e := new(Error)
	for _, f := range files {
		var err error
		if isModule(f.path) {
			err = s.module(f)
		} else {
			err = s.data(f)
		}
		var found *Error
		if errors.As(refused(f.name, err), &found) {
			e.Problems = append(e.Problems, found.Problems...)
		}
	}
	if len(e.Problems) != 0 {
		return e
	}
	return nil
}

func (s *source) module(f file) error {
	m, err := ast.ParseModuleWithOpts(f.name, string(f.data), ParserOptions())
	if err != nil {
		return err
	}
	isTables := m.Package.Path.HasPrefix(tablesPackage)
	raw := f.data
	if isTables && s.inLibrary {
		if s.withoutDefault {
			return nil
		}
		if m, raw, err = without(m, f, s.tablesAsData()); m == nil {
			return err
		}
	}
	s.hasTables = s.hasTables || isTables
	s.hasMain = s.hasMain || m.Package.Path.Equal(mainPackage)
	s.Modules = append(s.Modules, bundle.ModuleFile{URL: f.name, Path: f.name, RelativePath: f.path, Raw: raw, Parsed: m})
	return nil
}

// data puts a data file's content below the path of its folder.
func (s *source) data(f file) error {
	var v any
	if err := util.Unmarshal(f.data, &v); err != nil {
		return err
	}
	if twice := s.places.note(f); twice != nil {
		return &Error{twice}
	}
	at := s.Data
	folder := path.Dir(f.path)
	if folder == "." {
		top, ok := v.(map[string]any)
		if !ok {
			return errors.New("is not an object, as data at the top must be")
		}
		return merge(at, top, "data")
	}
	parts := strings.Split(folder, "/")
	for _, p := range parts[:len(parts)-1] {
		next, ok := at[p].(map[string]any)
		if !ok {
			if at[p] != nil {
				return fmt.Errorf("data.%s is given twice", strings.Join(parts, "."))
			}
			next = map[string]any{}
			at[p] = next
		}
		at = next
	}
	return merge(at, map[string]any{parts[len(parts)-1]: v}, strings.Join(append([]string{"data"}, parts[:len(parts)-1]...), "."))
}

// merge adds src to dst. What both have and is not an object is an error.
func merge(dst, src map[string]any, at string) error {
	for k, v := range src {
		old, ok := dst[k]
		if !ok {
			dst[k] = v
			continue
		}
		a, aok := old.(map[string]any)
		b, bok := v.(map[string]any)
		if !aok || !bok {
			return fmt.Errorf("%s.%s is given twice", at, k)
		}
		if err := merge(a, b, at+"."+k); err != nil {
			return err
		}
	}
	return nil
}
