package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("run, table, bars, server or load?")
	}
	switch name, args := args[0], args[1:]; name {
	case "run":
		return runBench(args)
	case "table":
		return tableCommand(args)
	case "bars":
		return barsCommand(args)
	case "server":
		return serverCommand(args)
	case "load":
		return loadCommand(args)
	default:
		return fmt.Errorf("no command %q: run, table, bars, server or load", name)
	}
}

func tableCommand(args []string) error {
	f := flag.NewFlagSet("table", flag.ExitOnError)
	server := f.String("server", "", "only what was measured with this one behind; empty: all")
	_ = f.Parse(args)
	if f.NArg() != 1 {
		return errors.New("table takes a JSON file that run has written")
	}
	for _, res := range load(f.Arg(0)).Results {
		if *server == "" || res.Server == *server {
			res.print(os.Stdout)
		}
	}
	return nil
}

func serverCommand(args []string) error {
	var o serverOptions
	f := flag.NewFlagSet("server", flag.ExitOnError)
	f.StringVar(&o.plain, "plain", "127.0.0.1:0", "where to listen: `host:port`")
	f.StringVar(&o.secure, "secure", "", "the same, under TLS")
	f.StringVar(&o.certificate, "certificate", "", "PEM `file`")
	f.StringVar(&o.key, "key", "", "PEM `file`")
	_ = f.Parse(args)
	return runServer(o)
}

// loadCommand reads a Load in JSON from its argument, and writes what it measured. With Do "hold" it says "ready", and holds until its
// standard input ends.
func loadCommand(args []string) error {
	if len(args) != 1 {
		return errors.New("load takes what to do, in JSON")
	}
	var l Load
	if err := json.Unmarshal([]byte(args[0]), &l); err != nil {
		return err
	}
	if l.Do == "hold" {
		return l.hold(os.Stdout, os.Stdin)
	}
	m, err := l.run()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// settings are the command line of run.
type settings struct {
	server                     string
	targets, scenarios         []string
	rounds, sessions, accounts int
	warm, long                 time.Duration
	out                        string
	dataplane, decider         string
	settle                     time.Duration
	network                    string // whose connections are looked at for stalls
}

func runBench(args []string) error {
	var s settings
	f := flag.NewFlagSet("run", flag.ExitOnError)
	f.StringVar(&s.server, "server", "synthetic", "what is behind the proxies: synthetic, the fast server of this program, or dovecot")
	targets := f.String("targets", "direct,haproxy,haproxy-splice,nginx,gatepost-accept,gatepost,gatepost-per-user,gatepost-asked", "what to measure, the first proxy being 1.0")
	only := f.String("scenarios", "", "which scenarios, by name, or by its beginning and *; empty: all")
	f.IntVar(&s.rounds, "rounds", 5, "how often each is measured, in turns")
	f.DurationVar(&s.warm, "warm", 300*time.Millisecond, "how long nothing counts")
	f.DurationVar(&s.long, "for", 1500*time.Millisecond, "how long it then does")
	f.IntVar(&s.sessions, "sessions", 5000, "how many are idle, where memory is measured")
	f.IntVar(&s.accounts, "accounts", users, "how many the policy by account has")
	f.DurationVar(&s.settle, "settle", 20*time.Second, "how long they were so, when it is")
	f.StringVar(&s.out, "out", "", "the JSON `file`, to which this run's scenarios are added; empty: none")
	f.StringVar(&s.dataplane, "dataplane", "bin/gatepost-dataplane", "the program")
	f.StringVar(&s.decider, "decider", "bin/gatepost-decider", "the program")
	_ = f.Parse(args)
	s.targets = strings.Split(*targets, ",")
	if *only != "" {
		s.scenarios = strings.Split(*only, ",")
	}
	var err error
	if s.network, err = isolate(); err != nil {
		return err
	}
	// What was started is stopped, and what was stored removed, whatever ends this.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return measure(ctx, s, os.Stdout)
}
