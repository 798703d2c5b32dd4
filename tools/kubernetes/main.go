package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes: FAILED:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	args = append(args, "", "")
	switch args[0] {
	case "check":
		return check(args[1])
	case "inside":
		return inside(args[1])
	case "play":
		o, err := parse(os.Args[2:])
		if err != nil {
			return err
		}
		return play(ctx, o)
	}
	return errors.New("usage: kubernetes check DIR | kubernetes play [FLAGS]")
}

// options say where things are. All but the folder of the checkout may be empty: then that part is not played, and it is
// said.
type options struct {
	checkout, tmp            string
	python, node, goClient   string
	kubelogin, az, hostNet   string
	sidecarOnly, needClients bool
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("play", flag.ContinueOnError)
	f.StringVar(&o.checkout, "checkout", ".", "the checkout, with bin/linarite and bin/containers built")
	f.StringVar(&o.tmp, "tmp", "", "an empty folder that everybody may enter")
	f.StringVar(&o.hostNet, "host-net", "", "the network namespace of the machine, where nothing may be played")
	f.StringVar(&o.python, "python", "", "a Python that has the Azure SDK")
	f.StringVar(&o.node, "node", "", "a folder with client.js and the Azure SDK for JavaScript")
	f.StringVar(&o.goClient, "go", "", "the client by the Azure SDK for Go")
	f.StringVar(&o.kubelogin, "kubelogin", "", "kubelogin")
	f.StringVar(&o.az, "az", "", "az")
	f.BoolVar(&o.sidecarOnly, "sidecar-only", false, "play the sidecar alone")
	f.BoolVar(&o.needClients, "need-clients", false, "fail where a client is missing")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.tmp == "" {
		return o, errors.New("-tmp names no folder")
	}
	return o, nil
}

func check(dir string) error {
	files, err := manifests(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		m, err := load(file)
		if err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		fmt.Printf("%s: %s\n", file, m)
	}
	return nil
}
