// Command load puts one measured load on any Kubernetes API server and prints one JSON line, so that
// two servers are measured by the same hand.
//
//	load -kubeconfig F create   -n 8000 -clients 32          durable creates a second
//	load -kubeconfig F get      -clients 16 -seconds 5       reads of one pod a second
//	load -kubeconfig F list     -clients 2 -seconds 10 [-proto]
//	load -kubeconfig F watch    -watchers 200 -n 500         events delivered a second
//	load -kubeconfig F nodes    -n 5000                      hollow nodes for a scheduler
//	load -kubeconfig F schedule -n 5000 -kind basic          pods bound a second (spread, affinity, antiaffinity)
//	load -kubeconfig F pods     -n 30 [-burst] -image I      time from create to Ready, and to gone
//	load -kubeconfig F clean                                 removes what the others made
//
// The kubeconfig is JSON with its data inside, of one cluster and one user.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// options are what the modes are told on the command line.
type options struct {
	n        int
	clients  int
	conns    int
	watchers int
	seconds  int
	proto    bool
	burst    bool
	kind     string
	image    string
}

// namespace holds all that this program makes, nodes apart.
const namespace = "load"

// label marks all that this program makes.
const label = "load.jurumudi.io/made"

func main() {
	var o options
	kubeconfig := flag.String("kubeconfig", "", "JSON kubeconfig of one cluster and one user")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "load -kubeconfig F create|get|list|watch|nodes|schedule|pods|clean [OPTION…]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 || *kubeconfig == "" {
		flag.Usage()
		os.Exit(2)
	}
	mode := flag.Arg(0)
	f := flag.NewFlagSet(mode, flag.ExitOnError)
	f.IntVar(&o.n, "n", 1000, "objects to make, or events to cause")
	f.IntVar(&o.clients, "clients", 1, "requests at the same time")
	f.IntVar(&o.conns, "conns", 4, "connections that the clients share")
	f.IntVar(&o.watchers, "watchers", 200, "watches at the same time")
	f.IntVar(&o.seconds, "seconds", 5, "how long to read")
	f.BoolVar(&o.proto, "proto", false, "ask for protobuf")
	f.BoolVar(&o.burst, "burst", false, "all pods at once instead of one by one")
	f.StringVar(&o.kind, "kind", "basic", "what the pods ask of the scheduler: basic, spread, affinity, antiaffinity")
	f.StringVar(&o.image, "image", "", "image of the pods that are started")
	f.Parse(flag.Args()[1:])

	modes := map[string]func(*server, options) (map[string]any, error){
		"create": create, "get": get, "list": list, "watch": watch,
		"nodes": nodes, "schedule": schedule, "pods": pods, "clean": clean,
	}
	run, known := modes[mode]
	if !known {
		fail(fmt.Errorf("no such mode: %s", mode))
	}
	s, err := connect(*kubeconfig, o.conns)
	if err != nil {
		fail(err)
	}
	started := time.Now()
	result, err := run(s, o)
	if err != nil {
		fail(err)
	}
	result["mode"] = mode
	result["tookSeconds"] = round(time.Since(started).Seconds())
	line, _ := json.Marshal(result)
	fmt.Println(string(line))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}
