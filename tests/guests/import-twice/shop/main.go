// Package main is a shop's module whose packages declare one function of WASI more than once, as
// os, net/http and their internals do in some versions of Go.
package main

import (
	"net/http"
	"os"
	"unsafe"

	_ "protium.dev/components/theme"
)

//go:wasmimport wasi_snapshot_preview1 path_filestat_get
func pathFilestatGet(fd int32, flags uint32, path *byte, length uint32, into unsafe.Pointer) uint32

// Sink is never called.
var Sink = func() error {
	if err := os.RemoveAll("/x"); err != nil {
		return err
	}
	var path byte
	var found [64]byte
	pathFilestatGet(3, 0, &path, 1, unsafe.Pointer(&found))
	_, err := http.Get("/x")
	return err
}

func init() {
	if len(os.Args) > 5 {
		_ = Sink()
	}
}

func main() {}
