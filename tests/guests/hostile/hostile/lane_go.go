//go:build !tinygo

package main

import (
	"time"
	"unsafe"
)

const lane = "go"

func clock() { write(time.Now().String()) }

//go:wasmimport wasi_snapshot_preview1 random_get
func randomGet(at unsafe.Pointer, n uint32) uint32

func random() {
	b := make([]byte, 8)
	randomGet(unsafe.Pointer(unsafe.SliceData(b)), 8)
	write(string(b))
}
