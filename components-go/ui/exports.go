//go:build wasm || tinygo

package ui

// What the host calls. Addresses and lengths are words of 32 bits.

//go:wasmexport go_frame
func exportFrame() uint32 {
	frame[frameVersion] = abiVersion
	return address(frame[:])
}

//go:wasmexport go_alloc
func exportAlloc(n uint32) uint32 { return alloc(n) }

//go:wasmexport go_describe
func exportDescribe() uint32 { return call(0, callDescribe) }

//go:wasmexport go_warm
func exportWarm(n uint32) uint32 { return call(n, warm) }

//go:wasmexport go_render
func exportRender(n uint32) uint32 { return call(n, render) }

//go:wasmexport go_hydrate
func exportHydrate(n uint32) uint32 { return call(n, hydrate) }

//go:wasmexport go_event
func exportEvent(n uint32) uint32 { return call(n, receive) }

//go:wasmexport go_message
func exportMessage(n uint32) uint32 { return call(n, receive) }

//go:wasmexport go_save
func exportSave() uint32 { return call(0, callSave) }

//go:wasmexport go_unmount
func exportUnmount(n uint32) uint32 { return call(n, unmount) }
