// Package main is in the place of the filter's module: it fails where it is told to. Otherwise it
// answers how many words of changes it was given.
package main

import "unsafe"

func main() {}

// What a query takes tells how it fails.
const (
	take = 10

	panics  = 13
	loops   = 14
	escapes = 15
	short   = 16
)

var (
	image   []byte
	message []uint32
	answer  = []uint32{0, 0}
	turns   int64
)

//go:wasmexport filter_image
func exportImage(n uint32) uint32 {
	image = make([]byte, n)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(image))))
}

//go:wasmexport filter_load
func exportLoad(uint32) int32 { return 0 }

//go:wasmexport filter_message
func exportMessage(n uint32) uint32 {
	message = make([]uint32, n)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(message))))
}

//go:wasmexport filter_query
func exportQuery(uint32) int32 {
	switch message[take] {
	case panics:
		panic("told to")
	case loops:
		for message[take] == loops {
			turns++
		}
	case escapes:
		return 1 << 30
	case short:
		return 1
	}
	return int32(len(answer))
}

//go:wasmexport filter_answer
func exportAnswer() uint32 {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(answer))))
}

//go:wasmexport filter_change
func exportChange(n uint32) int32 {
	answer[0] += n
	return 0
}
