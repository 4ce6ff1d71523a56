//go:build wasm || tinygo

package host

import "unsafe"

//go:wasmimport protium_edge answer
func answer(at unsafe.Pointer, n uint32)

//go:wasmimport protium_edge fail
func fail(at unsafe.Pointer, n uint32)

//go:wasmimport protium_edge take
func take(at unsafe.Pointer, n uint32)

//go:wasmimport protium_edge log
func log(at unsafe.Pointer, n uint32)

//go:wasmimport protium_edge remaining
func remaining() int64

//go:wasmimport protium_edge now
func now() int64

//go:wasmimport protium_edge random
func random(at unsafe.Pointer, n uint32)

//go:wasmimport protium_edge key_value_get
func keyValueGet(key unsafe.Pointer, n uint32) int64

//go:wasmimport protium_edge key_value_set
func keyValueSet(key unsafe.Pointer, n uint32, value unsafe.Pointer, length uint32, ttl int64) int64

//go:wasmimport protium_edge database_get
func databaseGet(lookup unsafe.Pointer, n uint32, key unsafe.Pointer, length uint32) int64

//go:wasmimport protium_edge backend_start
func backendStart(request unsafe.Pointer, n uint32) int32

//go:wasmimport protium_edge backend_wait
func backendWait(handle int32) int64

func text(s string) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))
}

func slice(b []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))
}

// Answer ends the run with this answer.
func Answer(b []byte) { answer(slice(b)) }

// Fail ends the run, or Init, with this error.
func Fail(s string) { fail(text(s)) }

// Take copies the result that the host holds.
func Take(b []byte) { take(slice(b)) }

// Log writes one line.
func Log(s string) { log(text(s)) }

// Remaining milliseconds of this run.
func Remaining() int64 { return remaining() }

// Now in Unix milliseconds.
func Now() int64 { return now() }

// Random fills b.
func Random(b []byte) { random(slice(b)) }

// KeyValueGet returns the value's length; Take copies the value.
func KeyValueGet(key string) int64 { return keyValueGet(text(key)) }

// KeyValueSet stores a value with a time to live in milliseconds.
func KeyValueSet(key string, value []byte, ttl int64) int64 {
	k, n := text(key)
	v, length := slice(value)
	return keyValueSet(k, n, v, length, ttl)
}

// DatabaseGet returns the length of the answer, which is JSON; Take copies it.
func DatabaseGet(lookup, key string) int64 {
	l, n := text(lookup)
	k, length := text(key)
	return databaseGet(l, n, k, length)
}

// BackendStart sends a request and returns its handle.
func BackendStart(request []byte) int32 { return backendStart(slice(request)) }

// BackendWait returns the status, shifted left by 32, and the body's length; Take copies the body.
func BackendWait(handle int32) int64 { return backendWait(handle) }
