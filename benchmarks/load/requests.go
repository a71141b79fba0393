package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// podBody is a pod of about 2.4 KB as the server answers it; nobody schedules it unless asked to.
func podBody(name, scheduler, extra string) []byte {
	return fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"labels":{"app":"load","%s":"yes","pod-template-hash":"6f7d5c9b8"},
"annotations":{"load.jurumudi.io/text":"some words that a tool left here, of a length that tools like to leave"}},
"spec":{"schedulerName":%q,"automountServiceAccountToken":false,%s"containers":[{"name":"main","image":"registry.example/team/application:1.2.3",
"args":["--port=8080","--verbose"],"ports":[{"containerPort":8080}],"env":[{"name":"MODE","value":"production"},{"name":"REGION","value":"north"}],
"resources":{"requests":{"cpu":"1m","memory":"1Mi"}},"readinessProbe":{"httpGet":{"path":"/ready","port":8080}}}]}}`, name, label, scheduler, extra)
}

const podsPath = "/api/v1/namespaces/" + namespace + "/pods"

// each calls work for 0 to n-1 from several goroutines until one fails.
func each(n, clients int, work func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func create(s *server, o options) (map[string]any, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	run := time.Now().UnixNano()
	took := make([]time.Duration, o.n)
	started := time.Now()
	err := each(o.n, o.clients, func(i int) error {
		begun := time.Now()
		_, err := s.do("POST", podsPath, jsonType, podBody(fmt.Sprintf("load-%x-%d", run, i), "nobody", ""), 201)
		took[i] = time.Since(begun)
		return err
	})
	if err != nil {
		return nil, err
	}
	rate := perSecond(int64(o.n), started)
	return map[string]any{"n": o.n, "clients": o.clients, "perSecond": rate,
		"p50Millis": percentile(took, 50), "p99Millis": percentile(took, 99)}, nil
}

// percentile of durations, in milliseconds; sorts them.
func percentile(took []time.Duration, p int) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return round(took[min(len(took)*p/100, len(took)-1)].Seconds() * 1000)
}

func get(s *server, o options) (map[string]any, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	if _, err := s.do("POST", podsPath, jsonType, podBody("load-get", "nobody", ""), 201, 409); err != nil {
		return nil, err
	}
	return reading(s, o, podsPath+"/load-get")
}

func list(s *server, o options) (map[string]any, error) {
	return reading(s, o, podsPath+"?resourceVersion=0")
}

// reading repeats a GET for the given time.
func reading(s *server, o options, path string) (map[string]any, error) {
	accept := jsonType
	if o.proto {
		accept = protoType
	}
	size, err := s.do("GET", path, accept, nil, 200) // warms the connection and the caches
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(time.Duration(o.seconds) * time.Second)
	var done atomic.Int64
	started := time.Now()
	err = each(o.clients, o.clients, func(int) error {
		for time.Now().Before(deadline) {
			if _, err := s.do("GET", path, accept, nil, 200); err != nil {
				return err
			}
			done.Add(1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"clients": o.clients, "proto": o.proto, "bytes": size, "perSecond": perSecond(done.Load(), started)}, nil
}

// clean removes pods one collection at a time, and the nodes.
func clean(s *server, _ options) (map[string]any, error) {
	for _, path := range []string{podsPath, "/api/v1/nodes"} {
		_, err := s.do("DELETE", path+"?gracePeriodSeconds=0&labelSelector="+label+"%3Dyes", jsonType, nil, 200, 404)
		if err != nil {
			return nil, err
		}
	}
	return map[string]any{}, nil
}
