package main

import "math/bits"

// How long parts of a count take, in tenths of nanoseconds: a word of those that are not 0, a group
// or row that is looked at by itself, and a bit of a sparse set. Beside the counts of whole sets is
// how long a word of these takes.
const (
	costPresent = 15
	costOne     = 80
	costSparse  = 15
)

// count appends the count of each value of a facet to the answer.
func (f *filter) count(number int) {
	facet := &f.facets[number]
	from := len(f.answer) + 1
	f.answer = append(f.answer, uint32(len(facet.sets)))
	for range facet.sets {
		f.answer = append(f.answer, 0)
	}
	counts := f.answer[from:]
	var selected []uint64
	word := costRowWord
	if facet.byGroup {
		selected, word = f.groupsWithout(number), costGroupWord
	} else {
		selected = f.rowsWithout(number)
	}
	ones := onesCount(selected)
	if ones == 0 {
		return
	}
	var present []uint32
	sets := facet.words * word
	if ones < len(selected) {
		present = f.scratch.presentWords(selected)
		few := facet.words / len(selected) * len(present) * costPresent
		if few < sets {
			sets = few
		} else {
			present = nil
		}
	}
	sets += facet.sparse * costSparse
	if facet.hasCodes() && ones*costOne < sets {
		f.countCodes(counts, selected, facet)
		return
	}
	for value := range facet.sets {
		set := &facet.sets[value]
		switch {
		case set.dense == nil:
			counts[value] = f.countSparse(selected, set, facet.byGroup)
		case facet.byGroup || f.plain:
			if present != nil {
				counts[value] = uint32(andCountOf(present, selected, set.dense))
			} else {
				counts[value] = uint32(andCount(selected, set.dense))
			}
		case present != nil:
			count := foldCountOf(present, selected, set.dense, f.inner)
			counts[value] = uint32(count + f.longOnly(selected, set.dense))
		default:
			count := foldCount(selected, set.dense, f.inner)
			counts[value] = uint32(count + f.longOnly(selected, set.dense))
		}
	}
}

// presentWords returns the indexes of the words that are not 0.
func (s *scratch) presentWords(words []uint64) []uint32 {
	present := s.present[:len(words)]
	n := 0
	for i, word := range words {
		present[n] = uint32(i)
		if word != 0 {
			n++
		}
	}
	return present[:n]
}

func andCountOf(present []uint32, a, b []uint64) (count int) {
	b = b[:len(a)]
	for _, i := range present {
		count += bits.OnesCount64(a[i] & b[i])
	}
	return count
}

func foldCountOf(present []uint32, a, b, inner []uint64) (count int) {
	b, inner = b[:len(a)], inner[:len(a)]
	for _, i := range present {
		count += bits.OnesCount64(fold(a[i]&b[i], inner[i]))
	}
	return count
}

// longOnly counts the long groups that have bits of a and b in other words than their last, and
// none there.
func (f *filter) longOnly(a, b []uint64) (count int) {
	for _, long := range f.long {
		last := long.end - 1
		if a[last]&b[last] != 0 {
			continue
		}
		for word := long.first; word < last; word++ {
			if a[word]&b[word] != 0 {
				count++
				break
			}
		}
	}
	return count
}

func (f *filter) countSparse(selected []uint64, set *set, byGroup bool) (count uint32) {
	if byGroup || f.plain {
		return set.countIn(selected)
	}
	last := -1
	set.bitsOf(selected, func(slot int) {
		if group := f.groupOf(slot); group != last {
			last = group
			count++
		}
	})
	return count
}

// countCodes looks at the value of each selected row or group.
func (f *filter) countCodes(counts []uint32, selected []uint64, facet *facet) {
	if facet.codes8 != nil {
		countEach(f, counts, selected, facet.codes8, facet.byGroup || f.plain)
	} else {
		countEach(f, counts, selected, facet.codes16, facet.byGroup || f.plain)
	}
}

func countEach[T uint8 | uint16](f *filter, counts []uint32, selected []uint64, codes []T,
	simple bool) {
	if simple {
		for i, word := range selected {
			for ; word != 0; word &= word - 1 {
				code := codes[i<<6+bits.TrailingZeros64(word)]
				if int(code) < len(counts) {
					counts[code]++
				}
			}
		}
		return
	}
	seen := f.scratch.seen[:len(counts)]
	for i := range seen {
		seen[i] = noRank
	}
	for i, word := range selected {
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			code := codes[i<<6+bit]
			if int(code) >= len(counts) {
				continue
			}
			group := f.before[i] + uint32(bits.OnesCount64(f.last[i]&(uint64(1)<<bit-1)))
			if seen[code] != group {
				seen[code] = group
				counts[code]++
			}
		}
	}
}
