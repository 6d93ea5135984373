package replay

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Write writes the report for a terminal, with at most so many groups; 0: all.
func (r *Report) Write(w io.Writer, limit int) error {
	var b strings.Builder
	against := "what was recorded"
	if r.BaseRevision != "" {
		against = fmt.Sprintf("%s, %s", name(r.Base), r.BaseRevision)
	}
	fmt.Fprintf(&b, "%s, %s, against %s\n", name(r.Policy), r.Revision, against)
	fmt.Fprintf(&b, "%d records", r.Records)
	if r.Reused > 0 {
		fmt.Fprintf(&b, ", %d of them of reused decisions", r.Reused)
	}
	if r.Other > 0 {
		fmt.Fprintf(&b, "; %d lines of other things", r.Other)
	}
	fmt.Fprintf(&b, "\n%d decisions compared: %d the same, %d would change\n", r.Compared, r.Same, r.Changed)
	if r.OtherRow > 0 {
		fmt.Fprintf(&b, "%d of the same are by another row, function or reason\n", r.OtherRow)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "%d records not compared, %s (%s)\n", l.Count, l.Why, strings.Join(l.Examples, ", "))
	}
	for _, function := range slices.Sorted(maps.Keys(r.Uncertain)) {
		fmt.Fprintf(&b, "%d decisions are uncertain: they depend on %s, and its result was not recorded\n", r.Uncertain[function], function)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return r.writeGroups(w, limit)
}

func (r *Report) writeGroups(w io.Writer, limit int) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for i, g := range r.Groups {
		if limit > 0 && i == limit {
			fmt.Fprintf(t, "\n%d more groups are not shown\n", len(r.Groups)-i)
			break
		}
		fmt.Fprintf(t, "\n%d x %s", g.Count, g.Command)
		if g.User != "" {
			fmt.Fprintf(t, " by %s", g.User)
		}
		fmt.Fprintf(t, "\n  was\t%s\t%s\n  is\t%s\t%s\n  ids\t%s\n", g.Was, g.WasBy, g.Is, g.IsBy, strings.Join(g.Examples, " "))
	}
	return t.Flush()
}

func name(policy string) string {
	if policy == "" {
		return "the default policy"
	}
	return policy
}
