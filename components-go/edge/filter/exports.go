//go:build wasm || tinygo

package main

import "unsafe"

// What the host calls. Addresses and lengths are in bytes; a result below 0 is a code of codes.go.

var (
	loaded *filter
	// Words of 64 bits, for their alignment.
	image   []uint64
	message []uint32
)

// exportImage makes room for an image of n bytes and returns its address.
//
//go:wasmexport filter_image
func exportImage(n uint32) uint32 {
	loaded = nil
	image = make([]uint64, (int(n)+7)/8)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(image))))
}

// exportLoad reads the image that was written there.
//
//go:wasmexport filter_load
func exportLoad(n uint32) int32 {
	if uint64(n) > uint64(len(image))*8 {
		return int32(codeLength)
	}
	f, code := load(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(image))), int(n)))
	loaded = f
	return int32(code)
}

// exportMessage makes room for a query or changes of n words and returns its address.
//
//go:wasmexport filter_message
func exportMessage(n uint32) uint32 {
	if int(n) > cap(message) {
		message = make([]uint32, n)
	}
	message = message[:n]
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(message))))
}

// exportQuery answers the query of n words and returns the number of words of the answer.
//
//go:wasmexport filter_query
func exportQuery(n uint32) int32 {
	if loaded == nil || int(n) > len(message) {
		return int32(codeLength)
	}
	code := loaded.query(message[:n])
	if code != 0 {
		return int32(code)
	}
	return int32(len(loaded.answer))
}

// exportAnswer returns the address of the last answer.
//
//go:wasmexport filter_answer
func exportAnswer() uint32 {
	if loaded == nil {
		return 0
	}
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(loaded.answer))))
}

// exportChange makes the changes of n words.
//
//go:wasmexport filter_change
func exportChange(n uint32) int32 {
	if loaded == nil || int(n) > len(message) {
		return int32(codeLength)
	}
	return int32(loaded.change(message[:n]))
}
