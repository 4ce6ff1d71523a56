//go:build wasm || tinygo

package kit

import "unsafe"

//go:wasmexport edge_alloc
func exportAlloc(n uint32) uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(alloc(n)))))
}

//go:wasmexport edge_init
func exportInit() uint32 { return initialise() }

//go:wasmexport edge_run
func exportRun() { run() }
