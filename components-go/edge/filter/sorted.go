package main

// Setting or clearing the bit of a row by itself takes about as long as comparing so many ranks.
const costBit = 16

// sorted has the rows of a column by their ranks, so that a range is a run of them.
type sorted struct {
	// slots are the places of all rows, those without a rank last.
	slots []uint32
	// starts is where the rows with each rank begin, and at the end those without one.
	starts []uint32
	// changed are rows whose rank was another one; their ranks are looked up.
	changed []uint32
}

// sort sorts the rows of a column, if it has no more ranks than rows: each has some then.
func (r *ranks) sort(l *layout) {
	if uint64(r.known) > uint64(l.rows) {
		return
	}
	s := sorted{slots: make([]uint32, l.rows), starts: make([]uint32, r.known+1)}
	for slot := range l.eachRow {
		if rank := min(r.at(slot), r.known); rank < r.known {
			s.starts[rank+1]++
		}
	}
	for rank := range r.known {
		s.starts[rank+1] += s.starts[rank]
	}
	next := append([]uint32(nil), s.starts...)
	for slot := range l.eachRow {
		rank := min(r.at(slot), r.known)
		s.slots[next[rank]] = uint32(slot)
		next[rank]++
	}
	r.sorted = &s
}

// change remembers that the rank of a row is another one. Of a column with many such rows there is
// no order any more.
func (r *ranks) change(slot uint32) {
	if r.sorted == nil {
		return
	}
	if len(r.sorted.changed) >= len(r.sorted.slots)/costBit/4 {
		r.sorted = nil
		return
	}
	r.sorted.changed = append(r.sorted.changed, slot)
}

// inRun sets to to the rows of all with a rank from from to high, if these are few or nearly all.
func (r *ranks) inRun(to, all []uint64, from, high uint32) bool {
	if r.sorted == nil {
		return false
	}
	s := r.sorted
	first, end := s.starts[from], s.starts[high+1]
	few := len(s.slots) / costBit
	switch in := int(end - first); {
	case in <= few:
		fillWords(to, 0)
		for _, slot := range s.slots[first:end] {
			to[slot>>6] |= uint64(1) << (slot & 63)
		}
	case len(s.slots)-in <= few:
		copy(to, all)
		for _, out := range [2][]uint32{s.slots[:first], s.slots[end:]} {
			for _, slot := range out {
				to[slot>>6] &^= uint64(1) << (slot & 63)
			}
		}
	default:
		return false
	}
	for _, slot := range s.changed {
		bit := uint64(1) << (slot & 63)
		to[slot>>6] &^= bit
		if rank := r.at(int(slot)); rank >= from && rank <= high {
			to[slot>>6] |= bit
		}
	}
	return true
}
