package kit

import (
	"strconv"
	"time"

	"protium.dev/components/edge/kit/internal/host"
)

// Context gives a run its environment, its deadline, and what the manifest grants.
type Context struct {
	env   record
	input []byte
}

func newContext(message []byte) (*Context, error) {
	all, ok := readRecord(message)
	if !ok {
		return nil, errInput
	}
	env, ok := readRecord(all.get("env"))
	if !ok {
		return nil, errInput
	}
	return &Context{env: env, input: payload(all.get("input"))}, nil
}

// Env is the value of an environment variable that the manifest grants; empty when there is none.
func (c *Context) Env(key string) string { return string(payload(c.env.get(key))) }

// Milliseconds is the duration of a variable in milliseconds, such as AGG_TIMEOUT_MS; otherwise if
// it is not set or invalid.
func (c *Context) Milliseconds(key string, otherwise time.Duration) time.Duration {
	n, err := strconv.ParseUint(c.Env(key), 10, 31)
	if err != nil || n == 0 {
		return otherwise
	}
	return time.Duration(n) * time.Millisecond
}

// Duration is the duration of a variable such as WASM_CACHE_TTL: 30 and 30s are seconds, 500ms are
// milliseconds, 5m are minutes; otherwise if it is not set or invalid.
func (c *Context) Duration(key string, otherwise time.Duration) time.Duration {
	text, unit := c.Env(key), time.Second
	digits := len(text)
	for digits > 0 && (text[digits-1] < '0' || text[digits-1] > '9') {
		digits--
	}
	switch text[digits:] {
	case "", "s":
	case "ms":
		unit = time.Millisecond
	case "m":
		unit = time.Minute
	default:
		return otherwise
	}
	n, err := strconv.ParseUint(text[:digits], 10, 31)
	if err != nil || n == 0 {
		return otherwise
	}
	return time.Duration(n) * unit
}

// Remaining is how long the run may still take.
func (c *Context) Remaining() time.Duration {
	return time.Duration(host.Remaining()) * time.Millisecond
}

// Err is ErrDeadline once the run's time is up or its answer is no longer needed.
func (c *Context) Err() error {
	if host.Remaining() <= 0 {
		return ErrDeadline
	}
	return nil
}

// Now is the host's clock in Unix milliseconds. The manifest grants it as clock.
func (c *Context) Now() int64 { return host.Now() }

// Log writes one line into the server's log.
func (c *Context) Log(text string) { host.Log(text) }
