package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// follow opens a watch and calls seen for each event until it answers false or the stream ends.
func (s *server) follow(path string, seen func(line []byte) bool) (io.Closer, error) {
	response, err := s.send("GET", path, jsonType, nil, 200)
	if err != nil {
		return nil, err
	}
	go func() {
		defer response.Body.Close()
		lines := bufio.NewReaderSize(response.Body, 64<<10)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil || !seen(line) {
				return
			}
		}
	}()
	return response.Body, nil
}

// revision of the list of a path, from which a watch begins.
func (s *server) revision(path string) (string, error) {
	var page struct {
		Metadata struct{ ResourceVersion string }
	}
	err := s.read(path+"?limit=1", &page)
	return page.Metadata.ResourceVersion, err
}

// watch counts the events that reach all watchers while a few clients write.
func watch(s *server, o options) (map[string]any, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	from, err := s.revision(podsPath)
	if err != nil {
		return nil, err
	}
	var delivered atomic.Int64
	want := int64(o.n) * int64(o.watchers)
	all := make(chan struct{})
	var streams sync.Map
	defer streams.Range(func(stream, _ any) bool { stream.(io.Closer).Close(); return true })
	err = each(o.watchers, 16, func(int) error {
		stream, err := s.follow(podsPath+"?watch=true&resourceVersion="+from, func([]byte) bool {
			if delivered.Add(1) == want {
				close(all)
			}
			return true
		})
		if err == nil {
			streams.Store(stream, true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	run := time.Now().UnixNano()
	started := time.Now()
	err = each(o.n, max(o.clients, 1), func(i int) error {
		_, err := s.do("POST", podsPath, jsonType, podBody(fmt.Sprintf("watch-%x-%d", run, i), "nobody", ""), 201)
		return err
	})
	if err != nil {
		return nil, err
	}
	wrote := time.Since(started)
	fell := false
	select {
	case <-all:
	case <-time.After(60 * time.Second):
		fell = true
	}
	return map[string]any{"watchers": o.watchers, "n": o.n, "delivered": delivered.Load(), "fellBehind": fell,
		"writeSeconds": round(wrote.Seconds()), "perSecond": perSecond(delivered.Load(), started)}, nil
}

// podEvent is what the modes look at in an event about a pod.
type podEvent struct {
	Type   string
	Object struct {
		Metadata struct{ Name string }
		Spec     struct{ NodeName string }
		Status   struct {
			Phase      string
			Conditions []struct{ Type, Status string }
		}
	}
}

func (e *podEvent) condition(name string) bool {
	for _, c := range e.Object.Status.Conditions {
		if c.Type == name {
			return c.Status == "True"
		}
	}
	return false
}

// followPods calls seen for each event about a pod of the namespace.
func (s *server) followPods(seen func(*podEvent)) (io.Closer, error) {
	from, err := s.revision(podsPath)
	if err != nil {
		return nil, err
	}
	return s.follow(podsPath+"?watch=true&resourceVersion="+from, func(line []byte) bool {
		var event podEvent
		if json.Unmarshal(line, &event) == nil {
			seen(&event)
		}
		return true
	})
}
