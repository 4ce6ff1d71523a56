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
