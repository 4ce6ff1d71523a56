package kit

import (
	"time"

	"protium.dev/components/edge/kit/internal/host"
)

// Get reads a key of the node's own store. A key outside of the prefixes that the manifest grants
// ends the run. The bool says whether the key is there.
func (c *Context) Get(key string) ([]byte, bool, error) {
	length := host.KeyValueGet(key)
	switch {
	case length == codeAbsent:
		return nil, false, nil
	case length < 0:
		return nil, false, failure(length)
	}
	return take(length), true, nil
}

// Set writes a key of the node's own store. It expires after ttl, which is at most 30 days.
func (c *Context) Set(key string, value []byte, ttl time.Duration) error {
	if code := host.KeyValueSet(key, value, ttl.Milliseconds()); code < 0 {
		return failure(code)
	}
	return nil
}

// take copies the result that the host holds.
func take(length int64) []byte {
	b := make([]byte, length)
	host.Take(b)
	return b
}
