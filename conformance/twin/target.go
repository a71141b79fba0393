package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Target is one API server, spoken to as an administrator.
type Target struct {
	Name   string
	URL    string
	client *http.Client
}

// Response is what a server answered to one request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Proto  string
}

// requestLimit is how long a server may take for one answer.
const requestLimit = 60 * time.Second

// connect reads a kubeconfig of one cluster and one user, in JSON with its data inside. The server's
// certificate is not checked: both servers are on the loopback, started a moment ago.
func connect(name, kubeconfig string) (*Target, error) {
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
	target := &Target{Name: name, URL: config.Clusters[0].Cluster.Server}
	target.client = &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{
				InsecureSkipVerify: true,
				Certificates:       []tls.Certificate{pair},
			},
			ForceAttemptHTTP2:  true,
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return target, nil
}

func (t *Target) request(ctx context.Context, method, path string, header map[string]string, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, t.URL+path, reader)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "twin/1.0")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		if value == "" {
			request.Header.Del(name)
		} else {
			request.Header.Set(name, value)
		}
	}
	return request, nil
}

// do sends one request and reads the whole answer.
func (t *Target) do(method, path string, header map[string]string, body []byte) (*Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	request, err := t.request(ctx, method, path, header, body)
	if err != nil {
		return nil, err
	}
	answer, err := t.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return &Response{answer.StatusCode, answer.Header, content, answer.Proto}, nil
}

// get reads a JSON document that must be there.
func (t *Target) get(path string) (any, error) {
	response, err := t.do("GET", path, map[string]string{"Accept": "application/json"}, nil)
	if err != nil {
		return nil, err
	}
	if response.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: GET %s: %d %s", t.Name, path, response.Status, strings.TrimSpace(string(response.Body)))
	}
	return decode(response.Body)
}
