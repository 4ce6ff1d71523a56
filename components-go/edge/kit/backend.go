package kit

import (
	"time"

	"protium.dev/components/edge/kit/internal/host"
)

// Request is a call of a backend that the manifest names. No other hosts can be called.
type Request struct {
	// Backend is its name in the manifest.
	Backend string
	// Method is GET when it is empty.
	Method string
	// Path begins with a slash and may have a query.
	Path string
	// Header has names and values, alternating.
	Header []string
	// Body is text in UTF-8.
	Body []byte
	// Timeout shortens the time that the manifest gives; 0 leaves it.
	Timeout time.Duration
}

// Response is what a backend answered.
type Response struct {
	Status int
	Body   []byte
}

// Call is a request in flight.
type Call struct{ handle int32 }

// Start sends a request and does not wait for it. A request that the manifest does not grant ends
// the run.
func (c *Context) Start(r Request) Call {
	w := writer{}
	w.open()
	w.text("backend", r.Backend)
	w.text("method", r.Method)
	w.text("path", r.Path)
	if len(r.Header) > 0 {
		w.key("headers")
		w.list(r.Header)
	}
	if len(r.Body) > 0 {
		w.text("body", string(r.Body))
	}
	w.int("timeout_ms", r.Timeout.Milliseconds())
	w.close()
	return Call{host.BackendStart(w.b)}
}

// Await waits for one call.
func (c *Context) Await(call Call) (Response, error) {
	answer := host.BackendWait(call.handle)
	if answer < 0 {
		return Response{}, failure(answer)
	}
	return Response{Status: int(answer >> 32), Body: take(answer & 0xFFFFFFFF)}, nil
}

// Result is the outcome of one of several calls.
type Result struct {
	Response
	Err error
}

// Together starts all requests at once and waits for all of them.
func (c *Context) Together(requests ...Request) []Result {
	calls := make([]Call, len(requests))
	for i, r := range requests {
		calls[i] = c.Start(r)
	}
	results := make([]Result, len(requests))
	for i, call := range calls {
		results[i].Response, results[i].Err = c.Await(call)
	}
	return results
}
