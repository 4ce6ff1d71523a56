// Package host has the sandbox's functions: imports of the module protium_edge in WebAssembly, and
// a test's host elsewhere. Lengths are in bytes; negative results are the error codes of package
// kit.
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

// Current is the host of the current run.
var Current Host

// Run prepares the registered module and runs it.
var Run func(input []byte)
