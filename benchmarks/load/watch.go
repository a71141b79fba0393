package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
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
		Metadata struct{ Name, ResourceVersion string }
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

// followPods calls seen for each event about a pod of the namespace. A server ends the stream of a
// client that does not keep up; it is then continued where it ended.
func (s *server) followPods(seen func(*podEvent)) (io.Closer, error) {
	from, err := s.revision(podsPath)
	if err != nil {
		return nil, err
	}
	f := &follower{s: s, seen: seen, from: from}
	if err := f.open(); err != nil {
		return nil, err
	}
	return f, nil
}

// follower is a watch that goes on until it is closed.
type follower struct {
	s      *server
	seen   func(*podEvent)
	from   string // the last revision seen; of the one goroutine that reads
	lock   sync.Mutex
	stream io.Closer
	closed bool
}

func (f *follower) open() error {
	response, err := f.s.send("GET", podsPath+"?watch=true&allowWatchBookmarks=true&resourceVersion="+f.from, jsonType, nil, 200)
	if err != nil {
		return err
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.closed {
		return response.Body.Close()
	}
	f.stream = response.Body
	go f.read(response.Body)
	return nil
}

func (f *follower) read(stream io.ReadCloser) {
	lines := bufio.NewReaderSize(stream, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var event podEvent
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		if event.Type == "ERROR" {
			fail(fmt.Errorf("the watch of pods cannot go on: %s", line))
		}
		f.from = event.Object.Metadata.ResourceVersion
		if event.Type != "BOOKMARK" {
			f.seen(&event)
		}
	}
	stream.Close()
	f.lock.Lock()
	closed := f.closed
	f.lock.Unlock()
	if closed {
		return
	}
	fmt.Fprintln(os.Stderr, "load: the server ended the watch of pods; going on")
	if err := f.open(); err != nil {
		fail(err)
	}
}

func (f *follower) Close() error {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.closed = true
	return f.stream.Close()
}
