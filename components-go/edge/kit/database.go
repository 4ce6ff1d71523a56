package kit

import "protium.dev/components/edge/kit/internal/host"

// LookUp asks the server's look-up of this name for a key. The bool says whether the key was found.
// The manifest grants it as database.
func (c *Context) LookUp(lookup, key string) (JSON, bool, error) {
	length := host.DatabaseGet(lookup, key)
	switch {
	case length == codeAbsent:
		return nil, false, nil
	case length < 0:
		return nil, false, failure(length)
	}
	answer, ok := ParseJSON(take(length))
	if !ok {
		return nil, false, ErrUnavailable
	}
	return answer, true, nil
}
