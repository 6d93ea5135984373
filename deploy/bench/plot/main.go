// Command plot draws what bench has measured: bars of throughput, by server, and of memory, by scenario and target, HAProxy being 1.
//
//	go run . results.json DIR
package main

import (
	"encoding/json"
	"fmt"
	"image/color"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

type report struct {
	Results []struct {
		Name    string `json:"name"`
		Server  string `json:"server"`
		Memory  bool   `json:"memory"`
		Targets []struct {
			Name  string  `json:"name"`
			Ratio float64 `json:"ratio"`
		} `json:"targets"`
	} `json:"results"`
}

// targets are those that are drawn, with their colours.
var targets = []struct {
	name   string
	colour color.RGBA
}{
	{"haproxy", color.RGBA{0x99, 0x99, 0x99, 0xff}},
	{"haproxy-splice", color.RGBA{0x66, 0x66, 0x66, 0xff}},
	{"nginx", color.RGBA{0xe6, 0x9f, 0x00, 0xff}},
	{"gatepost", color.RGBA{0x00, 0x72, 0xb2, 0xff}},
	{"gatepost-per-user", color.RGBA{0x56, 0xb4, 0xe9, 0xff}},
	{"gatepost-asked", color.RGBA{0xcc, 0x79, 0xa7, 0xff}},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: plot results.json DIR")
	}
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	for _, d := range []struct {
		server      string
		memory      bool
		title, file string
	}{
		{"synthetic", false, "Operations a second, HAProxy = 1 (more is better)", "throughput.svg"},
		{"dovecot", false, "The same, Dovecot behind", "throughput-dovecot.svg"},
		{"synthetic", true, "Memory of an idle session, HAProxy = 1 (less is better)", "memory.svg"},
	} {
		if err := draw(r, d.server, d.memory, d.title, filepath.Join(os.Args[2], d.file)); err != nil {
			return err
		}
	}
	return nil
}

// draw draws the scenarios of one kind with one server behind, if any was measured.
func draw(r report, server string, memory bool, title, file string) error {
	p := plot.New()
	p.Title.Text = title
	p.Legend.Top = true
	p.Y.Min = 0
	var names []string
	values := make([]plotter.Values, len(targets))
	for _, res := range r.Results {
		if res.Memory != memory || res.Server != server {
			continue
		}
		names = append(names, res.Name)
		for i, t := range targets {
			v := 0.0
			for _, s := range res.Targets {
				if s.Name == t.name {
					v = min(s.Ratio, 3)
				}
			}
			values[i] = append(values[i], v)
		}
	}
	if len(names) == 0 {
		return nil
	}
	const width = 7
	for i, t := range targets {
		bars, err := plotter.NewBarChart(values[i], vg.Points(width))
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = t.colour, 0
		bars.Offset = vg.Points(width * (float64(i) - float64(len(targets)-1)/2))
		p.Add(bars)
		p.Legend.Add(t.name, bars)
	}
	p.NominalX(names...)
	p.X.Tick.Label.Rotation = 0.5
	p.X.Tick.Label.XAlign = -1
	return p.Save(vg.Points(float64(120+60*len(names))), vg.Points(320), file)
}
