//go:build tinygo && simd128

package main

import (
	"math/bits"
	"unsafe"
)

// The counts of bits, some words at a time. As in ranges.go, they are looked at as a table whose
// lines are vectors, here of 16 bytes; the counts of each column are added up in a byte.

// How long a word of a dense set of groups or of rows takes, in tenths of nanoseconds.
const (
	costGroupWord = 3
	costRowWord   = 6
)

// sums are the counts of 16 columns.
type sums [16]uint8

func onesCount(a []uint64) int { return andCount(a, a) }

//go:noinline
func andCount(a, b []uint64) (count int) {
	b = b[:len(a)]
	for len(a) >= 32 {
		x := (*[256]uint8)(unsafe.Pointer((*[32]uint64)(a)))
		y := (*[256]uint8)(unsafe.Pointer((*[32]uint64)(b)))
		var s sums
		for j := range s {
			s[j] = ones8(x[j]&y[j]) +
				ones8(x[16+j]&y[16+j]) + ones8(x[32+j]&y[32+j]) + ones8(x[48+j]&y[48+j]) +
				ones8(x[64+j]&y[64+j]) + ones8(x[80+j]&y[80+j]) + ones8(x[96+j]&y[96+j]) +
				ones8(x[112+j]&y[112+j]) + ones8(x[128+j]&y[128+j]) + ones8(x[144+j]&y[144+j]) +
				ones8(x[160+j]&y[160+j]) + ones8(x[176+j]&y[176+j]) + ones8(x[192+j]&y[192+j]) +
				ones8(x[208+j]&y[208+j]) + ones8(x[224+j]&y[224+j]) + ones8(x[240+j]&y[240+j])
		}
		count += s.total()
		a, b = a[32:], b[32:]
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
	for len(a) >= 16 {
		x, y, z := (*[16]uint64)(a), (*[16]uint64)(b), (*[16]uint64)(inner)
		var folded [16]uint64
		for i := range folded {
			folded[i] = fold(x[i]&y[i], z[i])
		}
		f := (*[128]uint8)(unsafe.Pointer(&folded))
		var s sums
		for j := range s {
			s[j] = ones8(f[j]) + ones8(f[16+j]) + ones8(f[32+j]) + ones8(f[48+j]) +
				ones8(f[64+j]) + ones8(f[80+j]) + ones8(f[96+j]) + ones8(f[112+j])
		}
		count += s.total()
		a, b, inner = a[16:], b[16:], inner[16:]
	}
	for i, word := range a {
		count += bits.OnesCount64(fold(word&b[i], inner[i]))
	}
	return count
}

func ones8(b uint8) uint8 { return uint8(bits.OnesCount8(b)) }

// total adds up all columns.
func (s *sums) total() int {
	const pairs = 0x00ff00ff00ff00ff
	halves := (*[2]uint64)(unsafe.Pointer(s))
	sum := halves[0]&pairs + halves[0]>>8&pairs + halves[1]&pairs + halves[1]>>8&pairs
	return int(sum * 0x0001000100010001 >> 48)
}
