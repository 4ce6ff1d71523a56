package main

// fillWords sets all words.
func fillWords(to []uint64, word uint64) {
	for i := range to {
		to[i] = word
	}
}

// fold leaves of each group the bit of its last row, if it has any bit. Adding the bits of the
// other rows to all of these carries into the last one.
func fold(word, inner uint64) uint64 { return ((word & inner) + inner | word) &^ inner }

// packBits makes a bit of each byte that is 0 or 1.
func packBits(to []uint64, eights []uint64) {
	eights = eights[:8*len(to)]
	for i := range to {
		word := uint64(0)
		for j, eight := range eights[8*i : 8*i+8] {
			word |= eight * 0x0102040810204080 >> 56 << (8 * j)
		}
		to[i] = word
	}
}
