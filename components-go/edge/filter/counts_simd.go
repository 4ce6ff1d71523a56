//go:build tinygo && simd128

package main

import "math/bits"

// The counts of bits, sixteen bytes at a time: plain loops over bytes, which the compiler makes
// vectors of. The counts of each byte of a chunk are added up in a byte, for as many chunks as fit.

const (
	chunk = 128
	// batch is how many counts of at most 8 fit into a byte.
	batch = 31
)

var (
	sums   = make([]uint64, chunk)
	folded = make([]uint64, chunk)
)

// takeSums returns the sum of all bytes of sums, and sets them to 0.
func takeSums() int {
	const pairs = 0x00ff00ff00ff00ff
	total := uint64(0)
	for i, word := range sums {
		total += word&pairs + word>>8&pairs
		sums[i] = 0
	}
	return int(total&0xffff + total>>16&0xffff + total>>32&0xffff + total>>48)
}

//go:noinline
func addBits(to, a []uint8) {
	a = a[:len(to)]
	for i := range to {
		to[i] += uint8(bits.OnesCount8(a[i]))
	}
}

//go:noinline
func addBitsOfBoth(to, a, b []uint8) {
	a, b = a[:len(to)], b[:len(to)]
	for i := range to {
		to[i] += uint8(bits.OnesCount8(a[i] & b[i]))
	}
}

//go:noinline
func foldBoth(to, a, b, inner []uint64) {
	a, b, inner = a[:len(to)], b[:len(to)], inner[:len(to)]
	for i := range to {
		to[i] = fold(a[i]&b[i], inner[i])
	}
}

func onesCount(a []uint64) (count int) {
	for len(a) >= chunk {
		for n := 0; n < batch && len(a) >= chunk; n++ {
			addBits(bytesOf(sums), bytesOf(a[:chunk]))
			a = a[chunk:]
		}
		count += takeSums()
	}
	for _, word := range a {
		count += bits.OnesCount64(word)
	}
	return count
}

func andCount(a, b []uint64) (count int) {
	b = b[:len(a)]
	for len(a) >= chunk {
		for n := 0; n < batch && len(a) >= chunk; n++ {
			addBitsOfBoth(bytesOf(sums), bytesOf(a[:chunk]), bytesOf(b[:chunk]))
			a, b = a[chunk:], b[chunk:]
		}
		count += takeSums()
	}
	for i, word := range a {
		count += bits.OnesCount64(word & b[i])
	}
	return count
}

// foldCount counts the groups that have any bit of a and b.
func foldCount(a, b, inner []uint64) (count int) {
	b, inner = b[:len(a)], inner[:len(a)]
	for len(a) >= chunk {
		for n := 0; n < batch && len(a) >= chunk; n++ {
			foldBoth(folded, a[:chunk], b[:chunk], inner[:chunk])
			addBits(bytesOf(sums), bytesOf(folded))
			a, b, inner = a[chunk:], b[chunk:], inner[chunk:]
		}
		count += takeSums()
	}
	for i, word := range a {
		count += bits.OnesCount64(fold(word&b[i], inner[i]))
	}
	return count
}
