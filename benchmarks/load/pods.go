package main

import (
	"fmt"
	"sync"
	"time"
)

// pods starts real pods and measures from the create to Ready, and from the delete to gone.
func pods(s *server, o options) (map[string]any, error) {
	if o.image == "" {
		return nil, fmt.Errorf("pods wants -image: one that is on the node and runs until it is ended")
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	var lock sync.Mutex
	waiting := map[string]chan struct{}{} // name and what is waited for
	reached := func(key string) {
		lock.Lock()
		defer lock.Unlock()
		if c, ok := waiting[key]; ok {
			close(c)
			delete(waiting, key)
		}
	}
	await := func(key string) chan struct{} {
		lock.Lock()
		defer lock.Unlock()
		c := make(chan struct{})
		waiting[key] = c
		return c
	}
	stream, err := s.followPods(func(e *podEvent) {
		if e.Type == "DELETED" {
			reached(e.Object.Metadata.Name + " gone")
		} else if e.condition("Ready") {
			reached(e.Object.Metadata.Name + " Ready")
		}
	})
	if err != nil {
		return nil, err
	}
	defer stream.Close()

	run := time.Now().UnixNano()
	ready := make([]time.Duration, o.n)
	gone := make([]time.Duration, o.n)
	phase := func(took []time.Duration, what string, request func(name string) error) func(i int) error {
		return func(i int) error {
			name := fmt.Sprintf("start-%x-%d", run, i)
			done := await(name + " " + what)
			begun := time.Now()
			if err := request(name); err != nil {
				return err
			}
			select {
			case <-done:
				took[i] = time.Since(begun)
				return nil
			case <-time.After(2 * time.Minute):
				return fmt.Errorf("%s was not %s after two minutes", name, what)
			}
		}
	}
	start := phase(ready, "Ready", func(name string) error {
		body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"labels":{"%s":"yes"}},"spec":{"terminationGracePeriodSeconds":1,
"containers":[{"name":"main","image":%q,"imagePullPolicy":"IfNotPresent","resources":{"requests":{"cpu":"1m","memory":"1Mi"}}}]}}`, name, label, o.image)
		_, err := s.do("POST", podsPath, jsonType, body, 201)
		return err
	})
	end := phase(gone, "gone", func(name string) error {
		_, err := s.do("DELETE", podsPath+"/"+name, jsonType, nil, 200)
		return err
	})
	atOnce := 1
	if o.burst {
		atOnce = o.n
	}
	begun := time.Now()
	if err := each(o.n, atOnce, start); err != nil {
		return nil, err
	}
	started := time.Since(begun)
	if err := each(o.n, atOnce, end); err != nil {
		return nil, err
	}
	return map[string]any{"n": o.n, "burst": o.burst, "allReadySeconds": round(started.Seconds()),
		"readyP50Millis": percentile(ready, 50), "readyP90Millis": percentile(ready, 90),
		"goneP50Millis": percentile(gone, 50)}, nil
}
