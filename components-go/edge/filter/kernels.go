//go:build tinygo || !(goexperiment.simd && wasm)

package main

import "math/bits"

// The loops over whole columns. All slices of a call are as long as the first.

func andInto(to, a []uint64) {
	a = a[:len(to)]
	for i := range to {
		to[i] &= a[i]
	}
}

func andTo(to, a, b []uint64) {
	a, b = a[:len(to)], b[:len(to)]
	for i := range to {
		to[i] = a[i] & b[i]
	}
}

func orInto(to, a []uint64) {
	a = a[:len(to)]
	for i := range to {
		to[i] |= a[i]
	}
}

func onesCount(a []uint64) (count int) {
	for _, word := range a {
		count += bits.OnesCount64(word)
	}
	return count
}

func andCount(a, b []uint64) (count int) {
	b = b[:len(a)]
	for i, word := range a {
		count += bits.OnesCount64(word & b[i])
	}
	return count
}

// foldTo folds each word.
func foldTo(to, words, inner []uint64) {
	words, inner = words[:len(to)], inner[:len(to)]
	for i := range to {
		to[i] = fold(words[i], inner[i])
	}
}

// foldCount counts the groups that have any bit of a and b.
func foldCount(a, b, inner []uint64) (count int) {
	b, inner = b[:len(a)], inner[:len(a)]
	for i, word := range a {
		count += bits.OnesCount64(fold(word&b[i], inner[i]))
	}
	return count
}

// compressStep is one of the steps that bring bits to the lower end of a word.
func compressStep(to, move []uint64, shift uint) {
	move = move[:len(to)]
	for i, word := range to {
		moved := word & move[i]
		to[i] = word ^ moved | moved>>(shift&63)
	}
}

// expandStep is one of the steps back.
func expandStep(to, move []uint64, shift uint) {
	move = move[:len(to)]
	for i, word := range to {
		to[i] = word&^move[i] | word<<(shift&63)&move[i]
	}
}

// inRange16 sets a bit where from <= number <= from+span. It uses eight words for each of to.
func inRange16(to []uint64, numbers []uint16, from, span uint16, eights []uint64) {
	in := bytesOf(eights)[:64*len(to)]
	numbers = numbers[:len(in)]
	for i, number := range numbers {
		var one uint8
		if number-from <= span {
			one = 1
		}
		in[i] = one
	}
	packBits(to, eights)
}

func inRange32(to []uint64, numbers []uint32, from, span uint32, eights []uint64) {
	in := bytesOf(eights)[:64*len(to)]
	numbers = numbers[:len(in)]
	for i, number := range numbers {
		var one uint8
		if number-from <= span {
			one = 1
		}
		in[i] = one
	}
	packBits(to, eights)
}
