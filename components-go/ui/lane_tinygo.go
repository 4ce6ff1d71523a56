//go:build tinygo

package ui

import "runtime"

const lane = "tinygo"

// fillHoles uses up the free pieces of memory that recording left between the objects, so that what
// a request allocates lies in one piece, in few pages: TinyGo takes the smallest piece that is
// large enough. Those behind last, which was allocated last, are left.
func fillHoles(last []byte) {
	end := address(last) + uint32(cap(last))
	var taken uint32
	for i := 0; i < 1<<16 && taken-end >= 64; i++ {
		taken = address(make([]byte, fillSize))
	}
}

// fillSize is what fits into the smallest piece.
const fillSize = 8

// tidy frees what recording left.
func tidy() { runtime.GC() }
