package main

import "math/bits"

// layout is where rows are: a group lies within a word of 64 rows, or has words of its own, as the
// host's layout.rs says.
type layout struct {
	groups, rows int
	// words is how many words a set of rows has, groupWords how many a set of groups has.
	words, groupWords int
	// inner has the rows that are not the last of their group in the word, last the last ones.
	inner, last []uint64
	// before is how many groups end before a word.
	before []uint32
	// moves are the masks of the six steps that bring the bits of last to the lower end of a word,
	// in their order ("compress" in Hacker's Delight, 7-4).
	moves [6][]uint64
	// long are the groups of more than one word.
	long []longGroup
	// plain: each row is a group, so that sets of rows and of groups are the same.
	plain bool
}

// longGroup has the words from first up to end.
type longGroup struct{ group, first, end int }

// place computes the layout of groups with so many rows; 0 stands for the next of long.
func (l *layout) place(sizes []byte, long []uint32, words int) bool {
	l.groups, l.words, l.groupWords = len(sizes), words, (len(sizes)+63)/64
	l.inner, l.last = make([]uint64, words), make([]uint64, words)
	l.before = make([]uint32, words)
	at := 0
	for group, size := range sizes {
		rows := int(size)
		if size == 0 {
			if len(long) == 0 || long[0] <= 64 || long[0] > 1<<30 {
				return false
			}
			rows, long = int(long[0]), long[1:]
		} else if size > 64 {
			return false
		}
		if at%64+rows > 64 {
			at = (at + 63) &^ 63
		}
		if uint64(at)+uint64(rows) > uint64(words)*64 {
			return false
		}
		l.rows += rows
		if rows > 64 {
			l.long = append(l.long, longGroup{group, at / 64, (at + rows + 63) / 64})
		}
		for ; rows > 64; rows -= 64 {
			l.inner[at/64], l.before[at/64] = ^uint64(0), uint32(group)
			at += 64
		}
		if at%64 == 0 {
			l.before[at/64] = uint32(group)
		}
		l.inner[at/64] |= (uint64(1)<<(rows-1) - 1) << (at % 64)
		l.last[at/64] |= uint64(1) << (at%64 + rows - 1)
		at += rows
		if size == 0 {
			at = (at + 63) &^ 63
		}
	}
	if len(long) != 0 || (at+63)/64 != words {
		return false
	}
	l.plain = l.rows == l.groups
	if !l.plain {
		l.placeMoves()
	}
	return true
}

func (l *layout) placeMoves() {
	for step := range l.moves {
		l.moves[step] = make([]uint64, l.words)
	}
	for word, mask := range l.last {
		zeros := ^mask << 1
		for step := range l.moves {
			odd := zeros ^ zeros<<1
			for shift := 2; shift < 64; shift *= 2 {
				odd ^= odd << shift
			}
			move := odd & mask
			l.moves[step][word] = move
			mask = mask ^ move | move>>(uint(1)<<step)
			zeros &^= odd
		}
	}
}

// eachRow calls found with the place of each row, in order.
func (l *layout) eachRow(found func(slot int) bool) {
	for i, inner := range l.inner {
		for rows := inner | l.last[i]; rows != 0; rows &= rows - 1 {
			if !found(i<<6 + bits.TrailingZeros64(rows)) {
				return
			}
		}
	}
}

// groupOf returns the group of a place.
func (l *layout) groupOf(slot int) int {
	word := slot >> 6
	return int(l.before[word]) + bits.OnesCount64(l.last[word]&(uint64(1)<<(slot&63)-1))
}

// toGroups sets to to the groups that have any of the rows. To has room for one more word. It
// overwrites spare.
func (l *layout) toGroups(to, rows, spare []uint64) {
	if l.plain {
		copy(to, rows)
		return
	}
	fillWords(to, 0)
	for _, long := range l.long {
		if anyOf(rows[long.first:long.end]) {
			to[long.group>>6] |= uint64(1) << (long.group & 63)
		}
	}
	foldTo(spare, rows, l.inner)
	compress(spare, &l.moves)
	to = to[:len(to)+1]
	before := l.before[:len(spare)]
	for i, word := range spare {
		bit := before[i]
		at, shift := bit>>6, bit&63
		to[at] |= word << shift
		to[at+1] |= word >> 1 >> (63 - shift)
	}
}

// toRows sets to to all rows of the groups. Groups have room for one more word. It overwrites
// spare.
func (l *layout) toRows(to, groups, spare []uint64) {
	if l.plain {
		copy(to, groups)
		return
	}
	groups = groups[:len(groups)+1]
	groups[len(groups)-1] = 0
	// The groups that begin in a word come from its window of 64 groups; all but the first are moved
	// to the last row of the group before each.
	before, spare := l.before[:len(to)], spare[:len(to)]
	for i := range to {
		at, shift := before[i]>>6, before[i]&63
		window := groups[at]>>shift | groups[at+1]<<1<<(63-shift)
		spare[i], to[i] = window, window>>1
	}
	expand(to, &l.moves)
	allRows(to, spare, l.inner, l.last)
}

// anyOf reports whether a word has a bit.
func anyOf(words []uint64) bool {
	for _, word := range words {
		if word != 0 {
			return true
		}
	}
	return false
}
