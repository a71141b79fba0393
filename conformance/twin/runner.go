package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// watchPatience is how long a watch may take to bring its last event.
const watchPatience = 8 * time.Second

// runAll runs the cases, several at once, and hands over each step's result. Returns the first
// failure to speak with a server at all.
func runAll(upstream, ours *Target, cases []Case, workers int, sink func(Result)) {
	queue := make(chan Case)
	var wait sync.WaitGroup
	var lock sync.Mutex
	for range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for c := range queue {
				for _, result := range run(upstream, ours, c) {
					lock.Lock()
					sink(result)
					lock.Unlock()
				}
			}
		}()
	}
	for _, c := range cases {
		queue <- c
	}
	close(queue)
	wait.Wait()
}

type answer struct {
	response *Response
	body     []byte // of the request, as sent
	said     []byte // of the request, without what an earlier answer said
	path     string
	err      error
}

func run(upstream, ours *Target, c Case) []Result {
	var sides [2][]answer
	var wait sync.WaitGroup
	for i, target := range []*Target{upstream, ours} {
		wait.Add(1)
		go func() {
			defer wait.Done()
			sides[i] = play(target, c)
		}()
	}
	wait.Wait()
	var results []Result
	for i, step := range c.Steps {
		if step.Kind == "" {
			continue
		}
		up, our := sides[0][i], sides[1][i]
		result := Result{Resource: c.Resource, Kind: step.Kind, Name: step.Name, Request: describe(step, up)}
		if up.err != nil || our.err != nil {
			if fmt.Sprint(up.err) != fmt.Sprint(our.err) {
				result.Diffs = []Diff{{"connection", fmt.Sprint(up.err), fmt.Sprint(our.err)}}
			}
		} else {
			result.Diffs, result.Words = compare(step, up, our)
		}
		results = append(results, result)
	}
	return results
}

func describe(step Step, sent answer) string {
	text := step.Method + " " + sent.path
	for name, value := range step.Header {
		text += "\n" + name + ": " + value
	}
	if len(sent.body) > 0 {
		text += "\n" + clip(string(sent.body), 4000)
	}
	return text
}

// play sends a case's requests to one server.
func play(target *Target, c Case) []answer {
	bindings := Bindings{}
	answers := make([]answer, len(c.Steps))
	var watches sync.WaitGroup
	for i, step := range c.Steps {
		path := bindings.expand(step.Path)
		var body []byte
		if step.Body != nil {
			body = []byte(bindings.expand(string(step.Body)))
		}
		header := map[string]string{}
		for name, value := range step.Header {
			header[name] = bindings.expand(value)
		}
		if step.Watch {
			opened := make(chan struct{})
			watches.Add(1)
			go func() {
				defer watches.Done()
				answers[i] = target.watch(path, header, opened)
			}()
			<-opened
			continue
		}
		response, err := target.do(step.Method, path, header, body)
		answers[i] = answer{response, body, step.Body, path, err}
		if err == nil {
			bindings.bind(step.Bind, response.Body)
			target.settle(step, path, response)
		}
	}
	watches.Wait()
	return answers
}

// settlePatience is how long a server may take to write the first status of what was created.
const settlePatience = 5 * time.Second

// settled names, for kinds whose status the server itself writes soon after an object was created,
// the condition that comes last.
var settled = map[string]string{
	"/apis/apiextensions.k8s.io/v1/customresourcedefinitions": "Established",
	"/apis/apiregistration.k8s.io/v1/apiservices":             "Available",
}

// settle waits for the status that a server writes at a time of its own, so that what a case asks
// next finds the same state every time.
func (t *Target) settle(step Step, path string, created *Response) {
	object, query, _ := strings.Cut(path, "?")
	collection := object
	if step.Method != "POST" {
		collection = object[:strings.LastIndex(object, "/")+1]
	}
	condition := settled[strings.TrimSuffix(collection, "/")]
	if condition == "" || created.Status != http.StatusCreated || strings.Contains(query, "dryRun") {
		return
	}
	if step.Method == "POST" {
		tree, _ := decode(created.Body)
		name, _ := at(tree, "metadata.name")
		object = fmt.Sprintf("%s/%v", object, name)
	}
	for deadline := time.Now().Add(settlePatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		now, err := t.do("GET", object, map[string]string{"Accept": "application/json"}, nil)
		if err != nil || now.Status != http.StatusOK || bytes.Contains(now.Body, []byte(`"type":"`+condition+`"`)) {
			return
		}
	}
}

// watch reads events until one says DELETED or ERROR, the stream ends, or patience is over.
func (t *Target) watch(path string, header map[string]string, opened chan<- struct{}) answer {
	ctx, cancel := context.WithTimeout(context.Background(), watchPatience)
	defer cancel()
	open := sync.OnceFunc(func() { close(opened) })
	defer open()
	request, err := t.request(ctx, "GET", path, header, nil)
	if err != nil {
		return answer{path: path, err: err}
	}
	got, err := t.client.Do(request)
	if err != nil {
		return answer{path: path, err: err}
	}
	defer got.Body.Close()
	open()
	events := []any{}
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		event, err := decode(lines.Bytes())
		if err != nil {
			events = append(events, "not JSON: "+clip(lines.Text(), 200))
			break
		}
		kind, _ := at(event, "type")
		if kind == "BOOKMARK" {
			continue // when they come is a matter of time
		}
		events = append(events, event)
		if kind == "DELETED" || kind == "ERROR" || got.StatusCode != http.StatusOK {
			break
		}
	}
	header2 := got.Header.Clone()
	return answer{response: &Response{got.StatusCode, header2, encode(map[string]any{"events": events}), got.Proto}, path: path}
}
