package ui

// diffList compares a list with what it was. Rows are given by the index of their key; the row's
// mark is behind it.
func diffList(old []entry, i int, now []entry, j int, parent, slot uint32) {
	if old[i].n == 0 && now[j].n == 0 {
		return
	}
	mark := len(rowScratch)
	l := listDiff{old: old, now: now, parent: parent, slot: slot}
	l.was = rowsOf(old, i)
	l.is = rowsOf(now, j)
	l.run()
	rowScratch = rowScratch[:mark]
}

type listDiff struct {
	old, now     []entry
	was, is      []uint32
	parent, slot uint32
}

func (l *listDiff) sameRow(a, b uint32) bool { return sameKey(&l.old[a], &l.now[b]) }
func (l *listDiff) keep(a, b uint32)         { diffBlock(l.old, int(a+1), l.now, int(b+1)) }
func (l *listDiff) handle(b uint32) uint32   { return l.now[b+1].handle() }

// run handles the common cases first: an unchanged head and tail, rows only added, rows only
// removed, two rows swapped.
func (l *listDiff) run() {
	was, is := l.was, l.is
	for len(was) > 0 && len(is) > 0 && l.sameRow(was[0], is[0]) {
		l.keep(was[0], is[0])
		was, is = was[1:], is[1:]
	}
	before := uint32(0)
	for len(was) > 0 && len(is) > 0 && l.sameRow(was[len(was)-1], is[len(is)-1]) {
		l.keep(was[len(was)-1], is[len(is)-1])
		before = l.handle(is[len(is)-1])
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	switch {
	case len(was) == 0:
		newRows(l.now, is, l.parent, l.slot, before, false)
	case len(is) == 0:
		l.remove(was, len(was) == len(l.was))
	case l.swapped(was, is):
		l.swap(was, is, before)
	default:
		l.reorder(was, is, before)
	}
}

// remove removes rows, with one CLEAR where no row stays.
func (l *listDiff) remove(rows []uint32, all bool) {
	if all {
		words(patchClear, l.parent, l.slot)
	}
	for _, r := range rows {
		if !all {
			words(patchRemove, l.old[r+1].handle())
		}
		freed.give(l.old[r:l.old[r+1].a])
	}
}

// swapped tells whether the first and the last row have changed places, and nothing else.
func (l *listDiff) swapped(was, is []uint32) bool {
	last := len(was) - 1
	if len(is) != len(was) || last < 1 || !l.sameRow(was[0], is[last]) ||
		!l.sameRow(was[last], is[0]) {
		return false
	}
	for i := 1; i < last; i++ {
		if !l.sameRow(was[i], is[i]) {
			return false
		}
	}
	return true
}

func (l *listDiff) swap(was, is []uint32, before uint32) {
	last := len(was) - 1
	l.keep(was[last], is[0])
	for i := 1; i < last; i++ {
		l.keep(was[i], is[i])
	}
	l.keep(was[0], is[last])
	if last > 1 {
		words(patchMove, l.handle(is[0]), l.handle(is[1]))
	}
	words(patchMove, l.handle(is[last]), before)
}

// reorder finds the rows that can stay where they are, the longest increasing subsequence, and
// moves the others.
func (l *listDiff) reorder(was, is []uint32, before uint32) {
	table := newKeyTable(len(was))
	for _, r := range was {
		table.put(l.old, int(r))
	}
	from := len(rowScratch)
	stays := 0
	for _, r := range is {
		source := uint32(0) // an index of old, which is never 0 for a row
		if at := table.find(l.old, &l.now[r]); at >= 0 {
			source = uint32(at)
			stays++
		}
		rowScratch = append(rowScratch, source)
	}
	sources := rowScratch[from:len(rowScratch):len(rowScratch)]
	if stays == 0 {
		l.remove(was, len(was) == len(l.was))
		newRows(l.now, is, l.parent, l.slot, before, false)
		return
	}
	l.removeMissing(was, is, sources)
	rising := longestRising(sources)
	for i := len(is) - 1; i >= 0; {
		if sources[i] == 0 {
			first := i
			for first > 0 && sources[first-1] == 0 {
				first--
			}
			newRows(l.now, is[first:i+1], l.parent, l.slot, before, false)
			before = l.handle(is[first])
			i = first - 1
			continue
		}
		l.keep(sources[i], is[i])
		if n := len(rising); n > 0 && rising[n-1] == uint32(i) {
			rising = rising[:n-1]
		} else {
			words(patchMove, l.handle(is[i]), before)
		}
		before = l.handle(is[i])
		i--
	}
}

// removeMissing removes the rows that are gone.
func (l *listDiff) removeMissing(was, is, sources []uint32) {
	kept := newKeyTable(len(is))
	for i, r := range is {
		if sources[i] != 0 {
			kept.put(l.now, int(r))
		}
	}
	for _, r := range was {
		if kept.find(l.now, &l.old[r]) < 0 {
			words(patchRemove, l.old[r+1].handle())
			freed.give(l.old[r:l.old[r+1].a])
		}
	}
}

// longestRising gives the indices of a longest increasing subsequence of the sources that are not
// 0. The result is appended to the scratch buffer.
func longestRising(sources []uint32) []uint32 {
	n := len(sources)
	from := len(rowScratch)
	for range 2 * n {
		rowScratch = append(rowScratch, 0)
	}
	tails, previous := rowScratch[from:from+n], rowScratch[from+n:from+2*n]
	length := 0
	for i, s := range sources {
		if s == 0 {
			continue
		}
		low, high := 0, length
		for low < high {
			middle := (low + high) / 2
			if sources[tails[middle]] < s {
				low = middle + 1
			} else {
				high = middle
			}
		}
		if low > 0 {
			previous[i] = tails[low-1]
		}
		tails[low] = uint32(i)
		if low == length {
			length++
		}
	}
	if length == 0 {
		return nil
	}
	at := tails[length-1]
	for k := length - 1; k >= 0; k-- {
		tails[k] = at
		at = previous[at]
	}
	return tails[:length]
}
