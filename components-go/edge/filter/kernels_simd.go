//go:build goexperiment.simd && wasm && !tinygo

package main

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// The loops over whole columns, two words at a time. All slices of a call are as long as the first.

// two loads the words from i on.
func two(a []uint64, i int) archsimd.Uint64x2 {
	at := unsafe.Add(unsafe.Pointer(unsafe.SliceData(a)), 8*i)
	return archsimd.LoadUint64x2Array((*[2]uint64)(at))
}

func storeTwo(a []uint64, i int, words archsimd.Uint64x2) {
	at := unsafe.Add(unsafe.Pointer(unsafe.SliceData(a)), 8*i)
	words.StoreArray((*[2]uint64)(at))
}

// even returns the length without the last word of an odd number.
func even(a []uint64) int { return len(a) &^ 1 }

func andInto(to, a []uint64) {
	a = a[:len(to)]
	for i := 0; i < even(to); i += 2 {
		storeTwo(to, i, two(to, i).And(two(a, i)))
	}
	for i := even(to); i < len(to); i++ {
		to[i] &= a[i]
	}
}

func andTo(to, a, b []uint64) {
	a, b = a[:len(to)], b[:len(to)]
	for i := 0; i < even(to); i += 2 {
		storeTwo(to, i, two(a, i).And(two(b, i)))
	}
	for i := even(to); i < len(to); i++ {
		to[i] = a[i] & b[i]
	}
}

func andThree(to, a, b, c []uint64) {
	a, b, c = a[:len(to)], b[:len(to)], c[:len(to)]
	for i := 0; i < even(to); i += 2 {
		storeTwo(to, i, two(a, i).And(two(b, i)).And(two(c, i)))
	}
	for i := even(to); i < len(to); i++ {
		to[i] = a[i] & b[i] & c[i]
	}
}

func orInto(to, a []uint64) {
	a = a[:len(to)]
	for i := 0; i < even(to); i += 2 {
		storeTwo(to, i, two(to, i).Or(two(a, i)))
	}
	for i := even(to); i < len(to); i++ {
		to[i] |= a[i]
	}
}

// How long a word of a dense set of groups or of rows takes, in tenths of nanoseconds.
const (
	costGroupWord = 5
	costRowWord   = 9
)

// sumOf adds up bytes of at most 8 for each of batch vectors.
func sumOf(bytes archsimd.Uint8x16) int {
	pairs := bytes.ExtendLo8ToUint16().Add(bytes.ExtendHi8ToUint16()).ReshapeToUint64s()
	return int((pairs.GetElem(0) + pairs.GetElem(1)) * 0x0001000100010001 >> 48)
}

// batch is how many counts of bits are added up in bytes.
const batch = 31

func onesCount(a []uint64) int { return andCount(a, a) }

func andCount(a, b []uint64) (count int) {
	b = b[:len(a)]
	for i := 0; i < even(a); {
		sum := archsimd.BroadcastUint8x16(0)
		for end := min(i+2*batch, even(a)); i < end; i += 2 {
			sum = sum.Add(two(a, i).And(two(b, i)).ReshapeToUint8s().OnesCount())
		}
		count += sumOf(sum)
	}
	for i := even(a); i < len(a); i++ {
		count += bits.OnesCount64(a[i] & b[i])
	}
	return count
}

func foldTwo(words, inner archsimd.Uint64x2) archsimd.Uint64x2 {
	return words.And(inner).Add(inner).Or(words).AndNot(inner)
}

// foldTo folds each word.
func foldTo(to, words, inner []uint64) {
	words, inner = words[:len(to)], inner[:len(to)]
	for i := 0; i < even(to); i += 2 {
		storeTwo(to, i, foldTwo(two(words, i), two(inner, i)))
	}
	for i := even(to); i < len(to); i++ {
		to[i] = fold(words[i], inner[i])
	}
}

// foldCount counts the groups that have any bit of a and b.
func foldCount(a, b, inner []uint64) (count int) {
	b, inner = b[:len(a)], inner[:len(a)]
	for i := 0; i < even(a); {
		sum := archsimd.BroadcastUint8x16(0)
		for end := min(i+2*batch, even(a)); i < end; i += 2 {
			folded := foldTwo(two(a, i).And(two(b, i)), two(inner, i))
			sum = sum.Add(folded.ReshapeToUint8s().OnesCount())
		}
		count += sumOf(sum)
	}
	for i := even(a); i < len(a); i++ {
		count += bits.OnesCount64(fold(a[i]&b[i], inner[i]))
	}
	return count
}

// compress brings bits to the lower end of each word.
func compress(to []uint64, moves *[6][]uint64) {
	for step, move := range moves {
		move = move[:len(to)]
		shift := uint(1) << step
		for i := 0; i < even(to); i += 2 {
			words := two(to, i)
			moved := words.And(two(move, i))
			storeTwo(to, i, words.Xor(moved).Or(moved.ShiftAllRight(uint64(shift))))
		}
		for i := even(to); i < len(to); i++ {
			moved := to[i] & move[i]
			to[i] = to[i] ^ moved | moved>>shift
		}
	}
}

// expand takes them back.
func expand(to []uint64, moves *[6][]uint64) {
	for step := len(moves) - 1; step >= 0; step-- {
		move := moves[step][:len(to)]
		shift := uint(1) << step
		for i := 0; i < even(to); i += 2 {
			words, moving := two(to, i), two(move, i)
			moved := words.ShiftAllLeft(uint64(shift)).And(moving)
			storeTwo(to, i, words.AndNot(moving).Or(moved))
		}
		for i := even(to); i < len(to); i++ {
			to[i] = to[i]&^move[i] | to[i]<<shift&move[i]
		}
	}
}

// allRows makes all rows of groups of a word of the last rows of all groups before another one, and
// of the first bit of a window for the first group. Adding the first row of a group to all but its
// last changes just these and the last.
func allRows(to, windows, inner, last []uint64) {
	windows, inner, last = windows[:len(to)], inner[:len(to)], last[:len(to)]
	for i, word := range to {
		all := inner[i] | last[i]
		first := (word&last[i]<<1 | windows[i]&1) & all
		to[i] = ((first + inner[i]) ^ inner[i]) & all
	}
}

// inRange16 sets a bit where from <= number <= from+span.
func inRange16(to []uint64, numbers []uint16, from, span uint16) {
	numbers = numbers[:64*len(to)]
	first, most := archsimd.BroadcastUint16x8(from), archsimd.BroadcastUint16x8(span)
	one := archsimd.BroadcastUint16x8(1)
	at := unsafe.Pointer(unsafe.SliceData(numbers))
	for i := range to {
		word := uint64(0)
		for shift := 0; shift < 64; shift += 16 {
			low := archsimd.LoadUint16x8Array((*[8]uint16)(at))
			high := archsimd.LoadUint16x8Array((*[8]uint16)(unsafe.Add(at, 16)))
			at = unsafe.Add(at, 32)
			low = low.Sub(first).LessEqual(most).ToInt16x8().ToBits().And(one)
			high = high.Sub(first).LessEqual(most).ToInt16x8().ToBits().And(one)
			// The bits of each four numbers come together at the upper end of a word: those of low
			// in 4 bits, those of high in the next 4.
			both := low.Or(high.ShiftAllLeft(4)).ReshapeToUint64s()
			const together = 1<<56 | 1<<41 | 1<<26 | 1<<11
			a, b := both.GetElem(0)*together>>56, both.GetElem(1)*together>>56
			word |= (a&15 | b&15<<4 | a>>4<<8 | b>>4<<12) << shift
		}
		to[i] = word
	}
}

func inRange32(to []uint64, numbers []uint32, from, span uint32) {
	numbers = numbers[:64*len(to)]
	first, most := archsimd.BroadcastUint32x4(from), archsimd.BroadcastUint32x4(span)
	at := unsafe.Pointer(unsafe.SliceData(numbers))
	for i := range to {
		word := uint64(0)
		for shift := 0; shift < 64; shift += 8 {
			low := archsimd.LoadUint32x4Array((*[4]uint32)(at))
			high := archsimd.LoadUint32x4Array((*[4]uint32)(unsafe.Add(at, 16)))
			at = unsafe.Add(at, 32)
			low = low.Sub(first).LessEqual(most).ToInt32x4().ToBits()
			high = high.Sub(first).LessEqual(most).ToInt32x4().ToBits()
			word |= (fourBits(low) | fourBits(high)<<4) << shift
		}
		to[i] = word
	}
}

// fourBits makes a bit of each number that is 0 or all ones.
func fourBits(numbers archsimd.Uint32x4) uint64 {
	words := numbers.ReshapeToUint64s()
	a, b := words.GetElem(0), words.GetElem(1)
	return a&1 | a>>62&2 | b&1<<2 | b>>60&8
}
