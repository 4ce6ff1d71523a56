//go:build !simd128 && (tinygo || !(goexperiment.simd && wasm))

package main

import "math/bits"

// The counts of bits, by the processor's own instruction, several words at a time: each turn of a
// loop in a sandbox costs a look at its clock.

// How long a word of a dense set of groups or of rows takes, in tenths of nanoseconds.
const (
	costGroupWord = 8
	costRowWord   = 17
)

func onesCount(a []uint64) int { return andCount(a, a) }

//go:noinline
func andCount(a, b []uint64) (count int) {
	b = b[:len(a)]
	for len(a) >= 8 {
		x, y := (*[8]uint64)(a), (*[8]uint64)(b)
		count += bits.OnesCount64(x[0]&y[0]) + bits.OnesCount64(x[1]&y[1]) +
			bits.OnesCount64(x[2]&y[2]) + bits.OnesCount64(x[3]&y[3]) +
			bits.OnesCount64(x[4]&y[4]) + bits.OnesCount64(x[5]&y[5]) +
			bits.OnesCount64(x[6]&y[6]) + bits.OnesCount64(x[7]&y[7])
		a, b = a[8:], b[8:]
	}
	for i, word := range a {
		count += bits.OnesCount64(word & b[i])
	}
	return count
}

// foldCount counts the groups that have any bit of a and b.
//
//go:noinline
func foldCount(a, b, inner []uint64) (count int) {
	b, inner = b[:len(a)], inner[:len(a)]
	for len(a) >= 4 {
		x, y, z := (*[4]uint64)(a), (*[4]uint64)(b), (*[4]uint64)(inner)
		count += bits.OnesCount64(fold(x[0]&y[0], z[0])) +
			bits.OnesCount64(fold(x[1]&y[1], z[1])) +
			bits.OnesCount64(fold(x[2]&y[2], z[2])) +
			bits.OnesCount64(fold(x[3]&y[3], z[3]))
		a, b, inner = a[4:], b[4:], inner[4:]
	}
	for i, word := range a {
		count += bits.OnesCount64(fold(word&b[i], inner[i]))
	}
	return count
}
