package policytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/rogpeppe/go-internal/diff"

	"github.com/gatepost/gatepost/decider/internal/offline"
)

// played is what gatepost-dataplane says of a transcript; its package transcript says what it means.
type played struct {
	File    string `json:"file"`
	Error   string `json:"error"`
	Differs bool   `json:"differs"`
	Steps   []step `json:"steps"`
}

type step struct {
	Line      int      `json:"line"`
	Input     string   `json:"input"`
	Want      []string `json:"want"`
	Got       []string `json:"got"`
	Differs   bool     `json:"differs"`
	Decisions []struct {
		Verdict string `json:"verdict"`
		Row     string `json:"row"`
		Rule    string `json:"rule"`
		Reason  string `json:"reason"`
		File    string `json:"file"`
		Line    int    `json:"fault_line"`
	} `json:"decisions"`
}

// play plays transcripts with the policy.
func play(ctx context.Context, o Options, names []string, covered *cover.Cover) (cases []Case, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	dataplane, err := offline.FindDataplane(o.Dataplane)
	if err != nil {
		return nil, fmt.Errorf("%d transcripts are not played: %w", len(names), err)
	}
	p, err := openTraced(ctx, o, covered)
	if err != nil {
		return nil, err
	}
	defer p.Close(ctx)
	address, stop, err := p.Serve()
	if err != nil {
		return nil, err
	}
	defer stop()
	args := []string{"transcript", "--decider", address}
	if o.Update {
		args = append(args, "--update")
	}
	began := time.Now()
	out, err := dataplane.Output(ctx, append(append(args, "--"), names...)...)
	if err != nil {
		return nil, err
	}
	took := time.Since(began) / time.Duration(len(names))
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var r played
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("gatepost-dataplane transcript: %w", err)
		}
		cases = append(cases, r.toCase(p, took, o.Update))
	}
	if len(cases) != len(names) {
		return nil, fmt.Errorf("gatepost-dataplane transcript: %d transcripts were played of %d", len(cases), len(names))
	}
	return cases, nil
}

func openTraced(ctx context.Context, o Options, covered *cover.Cover) (*offline.Policy, error) {
	if covered == nil {
		return offline.Open(ctx, o.Dir, o.Allow)
	}
	return offline.Open(ctx, o.Dir, o.Allow, covered)
}

func (r played) toCase(p *offline.Policy, took time.Duration, updated bool) Case {
	c := Case{Suite: "transcripts", Name: r.File, File: r.File, Line: 1, Took: took}
	var b strings.Builder
	if r.Error != "" {
		fmt.Fprintln(&b, r.Error)
	} else if updated {
		c.Written = r.Differs
		return c
	}
	for _, s := range r.Steps {
		if s.Differs {
			s.tell(&b, r.File, p)
		}
	}
	c.Failure = b.String()
	return c
}

// tell prints a step that differs: what is written in front of "-", what came of it in front of "+".
func (s step) tell(b *strings.Builder, file string, p *offline.Policy) {
	fmt.Fprintf(b, "%s:%d: %s\n", file, s.Line, s.Input)
	_, changes, _ := bytes.Cut(diff.Diff("written", lines(s.Want), "came", lines(s.Got)), []byte("@@\n"))
	for line := range bytes.Lines(changes) {
		if !bytes.HasPrefix(line, []byte("@@")) {
			fmt.Fprintf(b, "  %s", line)
		}
	}
	for _, d := range s.Decisions {
		if d.Row == "" {
			fmt.Fprintf(b, "    %s: no row of the policy is for it\n", d.Verdict)
			continue
		}
		by := "by " + d.Row
		if d.Rule != "" {
			by += ", function " + d.Rule
		}
		if d.File == "" {
			d.File, d.Line = p.PlaceOf(d.Row, d.Rule)
		}
		if d.File != "" {
			by += fmt.Sprintf(" (%s:%d)", d.File, d.Line)
		}
		if d.Reason != "" {
			by += ": " + d.Reason
		}
		fmt.Fprintf(b, "    %s %s\n", d.Verdict, by)
	}
}

func lines(ls []string) []byte {
	var b bytes.Buffer
	for _, l := range ls {
		b.WriteString(l + "\n")
	}
	return b.Bytes()
}
