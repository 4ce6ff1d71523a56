//go:build tinygo || !(goexperiment.simd && wasm)

package main

// The loops over whole columns, which the compiler vectorises. All slices of a call are as long as
// the first.

// Of the short loops a turn has many words: each one costs a look at the sandbox's clock.
type many [64]uint64

//go:noinline
func andInto(to, a []uint64) {
	a = a[:len(to)]
	for len(to) >= len(many{}) {
		x, y := (*many)(to), (*many)(a)
		for i := range x {
			x[i] &= y[i]
		}
		to, a = to[len(many{}):], a[len(many{}):]
	}
	for i := range to {
		to[i] &= a[i]
	}
}

//go:noinline
func andTo(to, a, b []uint64) {
	a, b = a[:len(to)], b[:len(to)]
	for len(to) >= len(many{}) {
		x, y, z := (*many)(to), (*many)(a), (*many)(b)
		for i := range x {
			x[i] = y[i] & z[i]
		}
		to, a, b = to[len(many{}):], a[len(many{}):], b[len(many{}):]
	}
	for i := range to {
		to[i] = a[i] & b[i]
	}
}

//go:noinline
func andThree(to, a, b, c []uint64) {
	a, b, c = a[:len(to)], b[:len(to)], c[:len(to)]
	for len(to) >= len(many{}) {
		w, x, y, z := (*many)(to), (*many)(a), (*many)(b), (*many)(c)
		for i := range w {
			w[i] = x[i] & y[i] & z[i]
		}
		to, a, b, c = to[len(many{}):], a[len(many{}):], b[len(many{}):], c[len(many{}):]
	}
	for i := range to {
		to[i] = a[i] & b[i] & c[i]
	}
}

//go:noinline
func orInto(to, a []uint64) {
	a = a[:len(to)]
	for len(to) >= len(many{}) {
		x, y := (*many)(to), (*many)(a)
		for i := range x {
			x[i] |= y[i]
		}
		to, a = to[len(many{}):], a[len(many{}):]
	}
	for i := range to {
		to[i] |= a[i]
	}
}

// foldTo folds each word.
//
//go:noinline
func foldTo(to, words, inner []uint64) {
	words, inner = words[:len(to)], inner[:len(to)]
	for i := range to {
		to[i] = fold(words[i], inner[i])
	}
}

// compress brings bits to the lower end of each word.
//
//go:noinline
func compress(to []uint64, moves *[6][]uint64) {
	n := len(to)
	a, b, c := moves[0][:n], moves[1][:n], moves[2][:n]
	d, e, f := moves[3][:n], moves[4][:n], moves[5][:n]
	for i, word := range to {
		moved := uint64(0)
		moved = word & a[i]
		word = word ^ moved | moved>>1
		moved = word & b[i]
		word = word ^ moved | moved>>2
		moved = word & c[i]
		word = word ^ moved | moved>>4
		moved = word & d[i]
		word = word ^ moved | moved>>8
		moved = word & e[i]
		word = word ^ moved | moved>>16
		moved = word & f[i]
		word = word ^ moved | moved>>32
		to[i] = word
	}
}

// expand takes them back.
//
//go:noinline
func expand(to []uint64, moves *[6][]uint64) {
	n := len(to)
	a, b, c := moves[0][:n], moves[1][:n], moves[2][:n]
	d, e, f := moves[3][:n], moves[4][:n], moves[5][:n]
	for i, word := range to {
		word = word&^f[i] | word<<32&f[i]
		word = word&^e[i] | word<<16&e[i]
		word = word&^d[i] | word<<8&d[i]
		word = word&^c[i] | word<<4&c[i]
		word = word&^b[i] | word<<2&b[i]
		word = word&^a[i] | word<<1&a[i]
		to[i] = word
	}
}

// allRows makes all rows of groups of a word of the last rows of all groups before another one, and
// of the first bit of a window for the first group. Adding the first row of a group to all but its
// last changes just these and the last.
//
//go:noinline
func allRows(to, windows, inner, last []uint64) {
	windows, inner, last = windows[:len(to)], inner[:len(to)], last[:len(to)]
	for i, word := range to {
		all := inner[i] | last[i]
		first := (word&last[i]<<1 | windows[i]&1) & all
		to[i] = ((first + inner[i]) ^ inner[i]) & all
	}
}
