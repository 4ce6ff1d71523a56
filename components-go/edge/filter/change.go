package main

// Changes are a kind and what it has: a set, a place and 0 or 1; a column, a place and a rank; an
// order and all groups.
const (
	changeSet   = 1
	changeRank  = 2
	changeOrder = 3
)

// change makes changes, up to the first that is refused.
func (f *filter) change(message []uint32) code {
	w := words{rest: message}
	for len(w.rest) > 0 {
		kind := w.take(1)[0]
		var entry, groups []uint32
		if kind == changeOrder {
			entry, groups = w.take(1), w.take(uint32(f.groups))
		} else {
			entry = w.take(3)
		}
		if w.wrong {
			return codeMessage
		}
		known := false
		switch kind {
		case changeSet:
			known = f.changeSet(entry[0], entry[1], entry[2] != 0)
		case changeRank:
			known = f.changeRank(entry[0], entry[1], entry[2])
		case changeOrder:
			known = f.changeOrder(entry[0], groups)
		}
		if !known {
			return codeUnknown
		}
	}
	return 0
}

// isRow reports whether there is a row at a place.
func (f *filter) isRow(slot uint32) bool {
	return uint64(slot) < uint64(f.words)*64 && f.scratch.all[slot>>6]>>(slot&63)&1 != 0
}

func (f *filter) changeSet(number, slot uint32, on bool) bool {
	if uint64(number) >= uint64(len(f.sets)) || !f.isRow(slot) {
		return false
	}
	set := &f.sets[number]
	if set.dense == nil {
		*set = makeDense(set, f.words)
	}
	word, bit := &set.dense[slot>>6], uint64(1)<<(slot&63)
	if on {
		*word |= bit
	} else {
		*word &^= bit
	}
	return true
}

func makeDense(s *set, words int) set {
	return set{dense: s.bits(words), count: s.count}
}

func (f *filter) changeRank(number, slot, rank uint32) bool {
	if uint64(number) >= uint64(len(f.ranks)) || !f.isRow(slot) {
		return false
	}
	column := &f.ranks[number]
	if rank != noRank && rank >= column.known {
		return false
	}
	if column.wide != nil {
		column.wide[slot] = rank
	} else {
		column.narrow[slot] = uint16(rank)
	}
	column.change(slot)
	z := &column.zones[slot>>6/zoneWords]
	if rank == noRank {
		z.whole = false
	} else {
		z.low, z.high = min(z.low, rank), max(z.high, rank)
	}
	return true
}

func (f *filter) changeOrder(number uint32, groups []uint32) bool {
	if uint64(number) >= uint64(len(f.orders)) || !isPermutation(groups) {
		return false
	}
	copy(f.orders[number].groups, groups)
	f.orders[number].place = nil
	return true
}
