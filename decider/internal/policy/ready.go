package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

var (
	readyVerdict   = ast.MustParseRef("data.imap.ready.verdict")
	readyByAccount = ast.MustParseRef("data.imap.ready.by_account")
	keyRules       = ast.StringTerm("rules")
)

// checkReady finds what is wrong with the choice of ready rules, as far as it shows without an input: in tables, which is
// data.imap.policy, and in the data for rules by account. Undecided, a rule that there is not would refuse everything.
func checkReady(c *ast.Compiler, tables ast.Value, accounts any) (problems []Problem) {
	known := readyRules(c)
	if len(known) == 0 {
		return nil
	}
	if usesAccounts(c) {
		if problems = chosenByAccount(known, accounts); len(problems) > 0 {
			return problems // rules would repeat them
		}
	}
	if policy, ok := tables.(ast.Object); ok {
		if rules := policy.Get(keyRules); rules != nil {
			for _, what := range chosen(known, rules.Value) {
				p := Problem{Message: "rules: " + what, row: []string{"rules"}}
				if loc := locate(c, p.row, rules.Value); loc != nil {
					p.File, p.Line = loc.File, loc.Row
				}
				problems = append(problems, p)
			}
		}
	}
	return problems
}

// usesAccounts tells if the policy has rules chosen by account.
func usesAccounts(c *ast.Compiler) (uses bool) {
	for _, r := range c.GetRulesWithPrefix(tablesPackage) {
		ast.WalkRefs(r, func(ref ast.Ref) bool {
			uses = uses || ref.HasPrefix(readyByAccount)
			return uses
		})
	}
	return uses
}

// readyRules are the names of the ready rules, sorted.
func readyRules(c *ast.Compiler) (names []string) {
	for _, r := range c.GetRulesExact(readyVerdict) {
		if len(r.Head.Args) > 0 {
			if name, ok := r.Head.Args[0].Value.(ast.String); ok {
				names = append(names, string(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// chosen says what is wrong with a choice of rules.
func chosen(known []string, v ast.Value) (wrong []string) {
	each := func(t *ast.Term) {
		if o, ok := t.Value.(ast.Object); ok {
			wrong = append(wrong, unknown(known, o)...)
		} else {
			wrong = append(wrong, fmt.Sprintf("%s is no object of settings by rule, such as {\"read_only\": {}}", t))
		}
	}
	switch v := v.(type) {
	case *ast.Array:
		v.Foreach(each)
	case ast.Set:
		v.Foreach(each)
	default:
		each(ast.NewTerm(v))
	}
	return wrong
}

func unknown(known []string, rules ast.Object) (wrong []string) {
	rules.Foreach(func(k, _ *ast.Term) {
		if name, ok := k.Value.(ast.String); !ok || !slices.Contains(known, string(name)) {
			wrong = append(wrong, fmt.Sprintf("there is no rule %s; those are %s", k, strings.Join(known, ", ")))
		}
	})
	return wrong
}

// chosenByAccount finds what is wrong with the data for rules by account.
func chosenByAccount(known []string, accounts any) (problems []Problem) {
	add := func(what string, at ...string) {
		row := append([]string{"accounts"}, at...)
		problems = append(problems, Problem{Message: "imap." + strings.Join(row, ".") + ": " + what, row: row})
	}
	parts, ok := accounts.(map[string]any)
	if !ok {
		if accounts != nil {
			add("is no object of everyone, groups, others")
		}
		return problems
	}
	rules := func(v any, at ...string) {
		value, err := ast.InterfaceToValue(v)
		o, ok := value.(ast.Object)
		if err != nil || !ok {
			add("is no object of settings by rule", at...)
			return
		}
		for _, what := range unknown(known, o) {
			add(what, at...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(parts)) {
		if key == "everyone" || key == "others" {
			rules(parts[key], key)
			continue
		}
		if key != "groups" {
			add("is none of everyone, groups, others", key)
			continue
		}
		groups, ok := parts[key].(map[string]any)
		if !ok {
			add("is no object of groups by name", key)
		}
		for _, name := range slices.Sorted(maps.Keys(groups)) {
			group, _ := groups[name].(map[string]any)
			if users, ok := group["users"].([]any); !ok || len(group) != 2 || group["rules"] == nil || !allStrings(users) {
				add("a group has users, an array of names, and rules, and nothing else", key, name)
				continue
			}
			rules(group["rules"], key, name, "rules")
		}
	}
	return problems
}

func allStrings(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok })
}
