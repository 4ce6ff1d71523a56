package main

import "unsafe"

// bytesOf returns the bytes of words.
func bytesOf(words []uint64) []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))
}
