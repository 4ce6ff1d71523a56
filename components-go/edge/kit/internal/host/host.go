// Package host is what the sandbox grants, as plain functions: imports of the module protium_edge
// in WebAssembly, and whatever a test sets everywhere else. Lengths are bytes; negative answers are
// the codes of package kit.
package host

// Host is what a test grants.
type Host interface {
	Answer(b []byte)
	Fail(s string)
	Take(b []byte)
	Log(s string)
	Remaining() int64
	Now() int64
	Random(b []byte)
	KeyValueGet(key string) int64
	KeyValueSet(key string, value []byte, ttl int64) int64
	DatabaseGet(lookup, key string) int64
	BackendStart(request []byte) int32
	BackendWait(handle int32) int64
}

// Current is the host of the run under way.
var Current Host

// Run prepares the registered module and runs it.
var Run func(input []byte)
