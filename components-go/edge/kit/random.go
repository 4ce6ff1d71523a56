package kit

import "protium.dev/components/edge/kit/internal/host"

// Random fills b with randomness of the host. The manifest grants it as random.
func (c *Context) Random(b []byte) { host.Random(b) }
