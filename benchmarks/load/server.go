package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// server is an API server as seen over a fixed number of HTTP/2 connections.
type server struct {
	url     string
	clients []*http.Client
	turn    atomic.Uint32
}

// connect reads a kubeconfig. The certificate of the server is not checked: the load is on loopback.
func connect(kubeconfig string, connections int) (*server, error) {
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		return nil, err
	}
	var config struct {
		Clusters []struct {
			Cluster struct{ Server string }
		}
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			}
		}
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", kubeconfig, err)
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, fmt.Errorf("%s: wants one cluster and one user", kubeconfig)
	}
	user := config.Users[0].User
	pair, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kubeconfig, err)
	}
	security := &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}
	s := &server{url: config.Clusters[0].Cluster.Server}
	for range max(connections, 1) {
		s.clients = append(s.clients, &http.Client{Transport: &http.Transport{
			TLSClientConfig: security.Clone(), ForceAttemptHTTP2: true, DisableCompression: true,
		}})
	}
	return s, nil
}

// send makes a request and leaves the body to the caller; any code but the wanted ones is an error.
func (s *server) send(method, path, accept string, body []byte, wanted ...int) (*http.Response, error) {
	request, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	switch {
	case method == "PATCH":
		request.Header.Set("Content-Type", mergePatchType)
	case body != nil:
		request.Header.Set("Content-Type", jsonType)
	}
	client := s.clients[int(s.turn.Add(1))%len(s.clients)]
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	for _, code := range wanted {
		if response.StatusCode == code {
			return response, nil
		}
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 400))
	response.Body.Close()
	return nil, fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, text)
}

// do makes a request, reads the answer to its end and tells its length.
func (s *server) do(method, path, accept string, body []byte, wanted ...int) (int64, error) {
	response, err := s.send(method, path, accept, body, wanted...)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return io.Copy(io.Discard, response.Body)
}

// read decodes the answer of a GET.
func (s *server) read(path string, into any) error {
	response, err := s.send("GET", path, jsonType, nil, 200)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}

// ready makes the namespace; a namespace that is still going is waited for.
func (s *server) ready() error {
	body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, namespace)
	_, err := s.do("POST", "/api/v1/namespaces", jsonType, body, 201, 409)
	if err != nil {
		return err
	}
	// Where service account admission runs, a pod wants the namespace's account.
	account := []byte(`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}`)
	_, err = s.do("POST", "/api/v1/namespaces/"+namespace+"/serviceaccounts", jsonType, account, 201, 409)
	return err
}

const (
	jsonType       = "application/json"
	protoType      = "application/vnd.kubernetes.protobuf"
	mergePatchType = "application/merge-patch+json"
)

func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

func perSecond(n int64, since time.Time) float64 {
	return round(float64(n) / time.Since(since).Seconds())
}
