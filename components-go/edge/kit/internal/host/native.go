//go:build !wasm && !tinygo

package host

func Answer(b []byte)              { Current.Answer(b) }
func Fail(s string)                { Current.Fail(s) }
func Take(b []byte)                { Current.Take(b) }
func Log(s string)                 { Current.Log(s) }
func Remaining() int64             { return Current.Remaining() }
func Now() int64                   { return Current.Now() }
func Random(b []byte)              { Current.Random(b) }
func KeyValueGet(key string) int64 { return Current.KeyValueGet(key) }

func KeyValueSet(key string, value []byte, ttl int64) int64 {
	return Current.KeyValueSet(key, value, ttl)
}

func DatabaseGet(lookup, key string) int64 {
	return Current.DatabaseGet(lookup, key)
}

func BackendStart(request []byte) int32 { return Current.BackendStart(request) }
func BackendWait(handle int32) int64    { return Current.BackendWait(handle) }
