//go:build tinygo || !(goexperiment.simd && wasm)

package main

import "unsafe"

// Ranges of ranks, 128 rows at a time, without a branch. The ranks of these rows are looked at as a
// table whose lines are vectors, of 8 numbers of 16 bits or 4 of 32. Each column of the table is
// worked on alone, in the same way, so the compiler makes vectors of whole lines. What a column
// leaves is a number with a bit for each line. The lines are taken in such an order that two or
// three swaps of bits then bring each bit to the place of its row.
//
// The numbers of columns are made as negative ones, and have the rows that are not in the range:
// the compiler subtracts the result of a comparison, which is all ones or nothing, as it is.

// inRange16 sets a bit where from <= number <= from+span.
//
//go:noinline
func inRange16(to []uint64, numbers []uint16, from, span uint16) {
	numbers = numbers[:64*len(to)]
	// Signed numbers are compared by one instruction.
	first, most := 1<<15-from, int16(span-1<<15)
	for len(to) >= 2 {
		in := (*[128]uint16)(numbers)
		var columns [8]uint16
		for j := range columns {
			out := int16(0)
			out = above16(out, in[120+j]+first, most)
			out = above16(out, in[104+j]+first, most)
			out = above16(out, in[88+j]+first, most)
			out = above16(out, in[72+j]+first, most)
			out = above16(out, in[56+j]+first, most)
			out = above16(out, in[40+j]+first, most)
			out = above16(out, in[24+j]+first, most)
			out = above16(out, in[8+j]+first, most)
			out = above16(out, in[112+j]+first, most)
			out = above16(out, in[96+j]+first, most)
			out = above16(out, in[80+j]+first, most)
			out = above16(out, in[64+j]+first, most)
			out = above16(out, in[48+j]+first, most)
			out = above16(out, in[32+j]+first, most)
			out = above16(out, in[16+j]+first, most)
			out = above16(out, in[j]+first, most)
			columns[j] = uint16(out - 1)
		}
		words := (*[2]uint64)(unsafe.Pointer(&columns))
		low, high := words[0], words[1]
		swapped := (low>>4 ^ high) & 0x0f0f0f0f0f0f0f0f
		to[0] = turn16(low ^ swapped<<4)
		to[1] = turn16(high ^ swapped)
		to, numbers = to[2:], numbers[128:]
	}
	if len(to) > 0 {
		to[0] = 0
		for i, number := range numbers[:64] {
			if number-from <= span {
				to[0] |= uint64(1) << i
			}
		}
	}
}

// above16 appends a bit to those before, of the negative of bits: 1 if the number is above most.
func above16(bits int16, number uint16, most int16) int16 {
	above := int16(0)
	if int16(number) > most {
		above = 1
	}
	return bits + bits - above
}

// turn16 swaps bits 4 and 0 of the index of each bit, and 5 and 1.
func turn16(word uint64) uint64 {
	swapped := (word>>30 ^ word) & 0x00000000cccccccc
	word ^= swapped ^ swapped<<30
	swapped = (word>>15 ^ word) & 0x0000aaaa0000aaaa
	return word ^ swapped ^ swapped<<15
}

// inRange32 does the same with numbers of 32 bits.
//
//go:noinline
func inRange32(to []uint64, numbers []uint32, from, span uint32) {
	numbers = numbers[:64*len(to)]
	first, most := 1<<31-from, int32(span-1<<31)
	for len(to) >= 2 {
		in := (*[128]uint32)(numbers)
		var columns [4]uint32
		for j := range columns {
			out := int32(0)
			out = above32(out, in[124+j]+first, most)
			out = above32(out, in[92+j]+first, most)
			out = above32(out, in[60+j]+first, most)
			out = above32(out, in[28+j]+first, most)
			out = above32(out, in[120+j]+first, most)
			out = above32(out, in[88+j]+first, most)
			out = above32(out, in[56+j]+first, most)
			out = above32(out, in[24+j]+first, most)
			out = above32(out, in[116+j]+first, most)
			out = above32(out, in[84+j]+first, most)
			out = above32(out, in[52+j]+first, most)
			out = above32(out, in[20+j]+first, most)
			out = above32(out, in[112+j]+first, most)
			out = above32(out, in[80+j]+first, most)
			out = above32(out, in[48+j]+first, most)
			out = above32(out, in[16+j]+first, most)
			out = above32(out, in[108+j]+first, most)
			out = above32(out, in[76+j]+first, most)
			out = above32(out, in[44+j]+first, most)
			out = above32(out, in[12+j]+first, most)
			out = above32(out, in[104+j]+first, most)
			out = above32(out, in[72+j]+first, most)
			out = above32(out, in[40+j]+first, most)
			out = above32(out, in[8+j]+first, most)
			out = above32(out, in[100+j]+first, most)
			out = above32(out, in[68+j]+first, most)
			out = above32(out, in[36+j]+first, most)
			out = above32(out, in[4+j]+first, most)
			out = above32(out, in[96+j]+first, most)
			out = above32(out, in[64+j]+first, most)
			out = above32(out, in[32+j]+first, most)
			out = above32(out, in[j]+first, most)
			columns[j] = uint32(out - 1)
		}
		words := (*[2]uint64)(unsafe.Pointer(&columns))
		low, high := words[0], words[1]
		swapped := (low>>2 ^ high) & 0x3333333333333333
		to[0] = turn32(low ^ swapped<<2)
		to[1] = turn32(high ^ swapped)
		to, numbers = to[2:], numbers[128:]
	}
	if len(to) > 0 {
		to[0] = 0
		for i, number := range numbers[:64] {
			if number-from <= span {
				to[0] |= uint64(1) << i
			}
		}
	}
}

func above32(bits int32, number uint32, most int32) int32 {
	above := int32(0)
	if int32(number) > most {
		above = 1
	}
	return bits + bits - above
}

// turn32 swaps bits 5 and 0 of the index of each bit.
func turn32(word uint64) uint64 {
	swapped := (word>>31 ^ word) & 0x00000000aaaaaaaa
	return word ^ swapped ^ swapped<<31
}
