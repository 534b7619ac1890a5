// Package transport has HTTP clients: it is the transport that keeps connections.
package transport

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// BadTransportPerRequest asks another service with a transport of its own.
func BadTransportPerRequest(w http.ResponseWriter, r *http.Request) {
	tr := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}} // want "tr is a new pool for each call of handler BadTransportPerRequest, and never closed .each one leaves idle connections with two goroutines each behind."
	client := &http.Client{Transport: tr, Timeout: time.Second}
	resp, err := client.Get("https://rates.example.com")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

// BadClone copies the default transport each time.
func BadClone(w http.ResponseWriter, r *http.Request) {
	tr := http.DefaultTransport.(*http.Transport).Clone() // want "tr is a new pool for each call of handler BadClone, and never closed"
	tr.TLSClientConfig = &tls.Config{ServerName: r.FormValue("name")}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "https://probe.example.com", nil)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	_ = resp.Body.Close()
}

func newClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{ForceAttemptHTTP2: true, MaxIdleConns: 10}, // rel "made here"
	}
}

// BadHelperClient gets a client with a new transport from a helper.
func BadHelperClient(mux *http.ServeMux) {
	mux.HandleFunc("/hook", func(w http.ResponseWriter, r *http.Request) {
		client := newClient(time.Second) // want "client is a new client for each call of a handler, and never closed"
		resp, err := client.Post("https://hooks.example.com", "text/plain", r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = resp.Body.Close()
	})
}

// BadDeliver makes one for each delivery of an endless queue.
func BadDeliver(ctx context.Context, queue <-chan *http.Request) {
	for {
		select {
		case <-ctx.Done():
			return
		case req := <-queue:
			client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}} // want "this .http.Transport is a new pool in each turn of a loop, and never closed"
			if resp, err := client.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	}
}

// OkDefaultTransport makes clients, which are cheap: they share one transport.
func OkDefaultTransport(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{Timeout: time.Second}
	resp, err := client.Get("https://rates.example.com")
	if err != nil {
		return
	}
	_ = resp.Body.Close()
}

// OkNoKeepAlives keeps no connection.
func OkNoKeepAlives(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("https://rates.example.com")
	if err != nil {
		return
	}
	_ = resp.Body.Close()
}

// OkIdleTimeout keeps none for long.
func OkIdleTimeout(w http.ResponseWriter, r *http.Request) {
	tr := &http.Transport{MaxIdleConns: 2, IdleConnTimeout: 10 * time.Second}
	if r.TLS == nil {
		tr.TLSClientConfig = &tls.Config{ServerName: r.Host}
	}
	resp, err := (&http.Client{Transport: tr}).Get("https://feeds.example.com")
	if err != nil {
		return
	}
	_ = resp.Body.Close()
}

// OkCloseIdle closes what the transport kept.
func OkCloseIdle(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://rates.example.com")
	if err != nil {
		return
	}
	_ = resp.Body.Close()
}

// OkPackageClient is made once.
var packageClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20}}

func OkPackageClient(w http.ResponseWriter, r *http.Request) {
	resp, err := packageClient.Get("https://rates.example.com")
	if err != nil {
		return
	}
	_ = resp.Body.Close()
}

// OkProxyInField is made with the handler.
type OkProxy struct{ proxy *httputil.ReverseProxy }

// OkNewProxy keeps the transport in the proxy.
func OkNewProxy(to *url.URL) *OkProxy {
	p := httputil.NewSingleHostReverseProxy(to)
	p.Transport = &http.Transport{MaxConnsPerHost: 8}
	return &OkProxy{p}
}

// ServeHTTP passes the request on.
func (p *OkProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.proxy.ServeHTTP(w, r) }

// Hosts keeps a transport for each host.
type Hosts struct {
	mu         sync.Mutex
	transports map[string]*http.Transport
}

// OkPerHost makes a transport for a host once.
func (h *Hosts) OkPerHost(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	tr, ok := h.transports[r.Host]
	if !ok {
		tr = &http.Transport{TLSClientConfig: &tls.Config{ServerName: r.Host}}
		h.transports[r.Host] = tr
	}
	h.mu.Unlock()
	resp, err := tr.RoundTrip(r)
	if err == nil {
		_ = resp.Body.Close()
	}
}

// OkUnusedTransport only looks at the defaults.
func OkReturned(timeout time.Duration) *http.Client { return newClient(timeout) }
