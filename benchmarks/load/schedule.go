package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

// nodes makes hollow nodes: objects that say they are ready, with no machine behind them.
func nodes(s *server, o options) (map[string]any, error) {
	started := time.Now()
	now := time.Now().UTC().Format(time.RFC3339)
	err := each(o.n, max(o.clients, 8), func(i int) error {
		name := fmt.Sprintf("hollow-%05d", i)
		body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Node","metadata":{"name":%q,"labels":{"%s":"yes","kubernetes.io/hostname":%q,"kubernetes.io/os":"linux","topology.kubernetes.io/zone":"zone-%d"}},
"status":{"capacity":{"cpu":"8","memory":"32Gi","pods":"110","ephemeral-storage":"100Gi"},"allocatable":{"cpu":"8","memory":"32Gi","pods":"110","ephemeral-storage":"100Gi"},
"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":%q,"lastTransitionTime":%q}]}}`, name, label, name, i%10, now, now)
		if _, err := s.do("POST", "/api/v1/nodes", jsonType, body, 201, 409); err != nil {
			return err
		}
		// A new node is tainted as not ready until a controller, which does not run here, has seen it.
		_, err := s.do("PATCH", "/api/v1/nodes/"+name, jsonType, []byte(`{"spec":{"taints":null}}`), 200)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"n": o.n, "perSecond": perSecond(int64(o.n), started)}, nil
}

// asks are what the pods of each kind want of the scheduler, as part of their spec.
var asks = map[string]string{
	"basic":  "",
	"spread": `"topologySpreadConstraints":[{"maxSkew":5,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"load"}}}],`,
	"affinity": `"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
{"topologyKey":"topology.kubernetes.io/zone","labelSelector":{"matchLabels":{"app":"load"}}}]}},`,
	"antiaffinity": `"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"load"}}}]}},`,
}

// schedule measures from the first create until the last of the pods is bound.
func schedule(s *server, o options) (map[string]any, error) {
	ask, known := asks[o.kind]
	if !known {
		return nil, fmt.Errorf("no such kind of pod: %s", o.kind)
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	var bound atomic.Int64
	all := make(chan struct{})
	counted := map[string]bool{} // the one stream's own
	stream, err := s.followPods(func(e *podEvent) {
		if e.Type == "MODIFIED" && e.Object.Spec.NodeName != "" && !counted[e.Object.Metadata.Name] {
			counted[e.Object.Metadata.Name] = true
			if bound.Add(1) == int64(o.n) {
				close(all)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	run := time.Now().UnixNano()
	started := time.Now()
	err = each(o.n, o.clients, func(i int) error {
		_, err := s.do("POST", podsPath, jsonType, podBody(fmt.Sprintf("sched-%x-%d", run, i), "default-scheduler", ask), 201)
		return err
	})
	if err != nil {
		return nil, err
	}
	created := time.Since(started)
	select {
	case <-all:
	case <-time.After(3 * time.Minute):
		return nil, fmt.Errorf("%d of %d pods were bound after 3 minutes", bound.Load(), o.n)
	}
	return map[string]any{"n": o.n, "kind": o.kind, "createSeconds": round(created.Seconds()),
		"perSecond": perSecond(int64(o.n), started)}, nil
}
