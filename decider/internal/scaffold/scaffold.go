// Package scaffold writes policies to start from.
package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Templates are policies to start from, each in a folder of its own.
type Templates struct{ Files fs.FS }

// Template is a policy to start from.
type Template struct {
	// Name is its folder's, Title the first line of its story.
	Name, Title string
}

// All are the templates, sorted by name.
func (t Templates) All() (all []Template, err error) {
	stories, err := fs.Glob(t.Files, "*/README.md")
	if err != nil {
		return nil, err
	}
	for _, name := range stories {
		story, err := fs.ReadFile(t.Files, name)
		if err != nil {
			return nil, err
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(string(story), "# "), "\n")
		all = append(all, Template{path.Dir(name), title})
	}
	return all, nil
}

// placeholder is the user whom templates name that are about one.
const placeholder = "anna"

var (
	word = regexp.MustCompile(`\b` + placeholder + `\b`)
	// plain is a user name that needs no quotes anywhere.
	plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]*$`)
	// elsewhere is a link to another template, which will not be beside this one.
	elsewhere = regexp.MustCompile(`\[([^\]]*)\]\(\.\./[^)]*\)`)
)

// Write writes a template into a directory, which is made if it is not there, and must be empty. Where the template is about one
// user it is about the one named; empty: about the one it names. The files are told in order.
func (t Templates) Write(dir, name, user string) (files []string, err error) {
	all, err := t.All()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(a Template) bool { return a.Name == name }) {
		names := make([]string, len(all))
		for i, a := range all {
			names[i] = a.Name
		}
		return nil, fmt.Errorf("%q is none of the policies to start from; those are %s", name, strings.Join(names, ", "))
	}
	if user != "" && !plain.MatchString(user) {
		return nil, fmt.Errorf("user %q has characters beside letters, digits and ._@+-; write it into the data file by hand", user)
	}
	if user != "" && !t.aboutUser(name) {
		return nil, fmt.Errorf("%s is not about one user; write it without one, or begin with read-only-user or composed", name)
	}
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return nil, fmt.Errorf("%s is there already, and is not empty", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	err = fs.WalkDir(t.Files, name, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(t.Files, file)
		if err != nil {
			return err
		}
		if user != "" {
			text = word.ReplaceAllLiteral(text, []byte(user))
		}
		if path.Ext(file) == ".md" {
			text = elsewhere.ReplaceAll(text, []byte("$1"))
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(file, name+"/")))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		files = append(files, to)
		return os.WriteFile(to, text, 0o644)
	})
	return files, err
}

// aboutUser tells a template whose data name the user, in quotes.
func (t Templates) aboutUser(name string) bool {
	about := false
	_ = fs.WalkDir(t.Files, path.Join(name, "imap"), func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(t.Files, file)
		about = about || bytes.Contains(text, []byte(`"`+placeholder+`"`))
		return err
	})
	return about
}
