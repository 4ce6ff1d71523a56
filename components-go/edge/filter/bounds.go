package main

import "math/bits"

// bound appends the lowest and the highest rank of a column to the answer; the lowest is higher if
// there is no rank.
func (f *filter) bound(number int) {
	column := &f.ranks[number]
	rows := f.rowsWithout(-1 - number)
	low, high := noRank, uint32(0)
	for i := range column.zones {
		z := &column.zones[i]
		if z.low >= low && z.high <= high {
			continue
		}
		for word := i * zoneWords; word < min((i+1)*zoneWords, len(rows)); word++ {
			for left := rows[word]; left != 0; left &= left - 1 {
				rank := column.at(word<<6 + bits.TrailingZeros64(left))
				if rank != noRank {
					low, high = min(low, rank), max(high, rank)
				}
			}
		}
	}
	f.answer = append(f.answer, low, high)
}
