package main

// condition is what rows or groups must be in: those of the facet or the column of this number, if
// a count leaves them out.
type condition struct {
	number int
	words  []uint64
}

// none is the number of a condition that no count leaves out.
const none = -1 << 31

// selectGroups finds the groups that meet all conditions of a query.
func (f *filter) selectGroups(q *query) {
	s := &f.scratch
	s.reset()
	switch q.head[queryBase] {
	case baseSet:
		s.ofRows(none, f.sets[q.head[queryBaseArgument]].wordsIn(&s.rowPool))
	case baseGroups:
		words := s.groupPool.take()
		fillWords(words, 0)
		for _, group := range q.groups {
			words[group>>6] |= uint64(1) << (group & 63)
		}
		s.ofGroups(none, words)
	}
	for _, number := range q.required {
		s.ofRows(none, f.sets[number].wordsIn(&s.rowPool))
	}
	for i := range q.ranges {
		r := &q.ranges[i]
		number := none
		if r.bounded {
			number = -1 - int(r.column)
		}
		words := s.rowPool.take()
		f.inRange(words, r)
		s.ofRows(number, words)
	}
	for i := range q.chosen {
		c := &q.chosen[i]
		facet, number := &f.facets[c.facet], none
		if c.counted {
			number = c.facet
		}
		if facet.byGroup {
			s.ofGroups(number, facet.union(c.values, &s.groupPool))
		} else {
			s.ofRows(number, facet.union(c.values, &s.rowPool))
		}
	}
	join(s.found, s.groups, none, s.allGroups)
	if len(s.rows) > 0 {
		join(s.rowsFound, s.rows, none, s.all)
		f.toGroups(s.passed, s.rowsFound, s.spare)
		andInto(s.found, s.passed)
	}
}

func (s *scratch) ofRows(number int, words []uint64) {
	s.rows = append(s.rows, condition{number, words})
}

func (s *scratch) ofGroups(number int, words []uint64) {
	s.groups = append(s.groups, condition{number, words})
}

// join sets to to what is in all conditions but the one of this number; without any, in all.
func join(to []uint64, conditions []condition, but int, all []uint64) {
	// The sets of the first conditions are read together: they may be far away in memory.
	var first [3][]uint64
	n := 0
	for _, condition := range conditions {
		switch {
		case but != none && condition.number == but:
			continue
		case n < len(first):
			first[n] = condition.words
		case n == len(first):
			andThree(to, first[0], first[1], first[2])
			andInto(to, condition.words)
		default:
			andInto(to, condition.words)
		}
		n++
	}
	switch n {
	case 0:
		copy(to, all)
	case 1:
		copy(to, first[0])
	case 2:
		andTo(to, first[0], first[1])
	case 3:
		andThree(to, first[0], first[1], first[2])
	}
}

func has(conditions []condition, number int) bool {
	for _, condition := range conditions {
		if condition.number == number {
			return true
		}
	}
	return false
}

// rowsWithout returns the rows that meet all conditions but the one of this number.
func (f *filter) rowsWithout(number int) []uint64 {
	s := &f.scratch
	if !s.expanded {
		if len(s.rows) == 0 {
			copy(s.rowsFound, s.all)
		}
		if len(s.groups) > 0 {
			join(s.groupsWithout, s.groups, none, s.allGroups)
			f.toRows(s.ofGroupsFound, s.groupsWithout, s.spare)
			andInto(s.rowsFound, s.ofGroupsFound)
		}
		s.expanded = true
	}
	if !has(s.rows, number) {
		return s.rowsFound
	}
	join(s.spare, s.rows, number, s.all)
	if len(s.groups) > 0 {
		andInto(s.spare, s.ofGroupsFound)
	}
	return s.spare
}

// groupsWithout returns the groups that meet all conditions but the one of this number.
func (f *filter) groupsWithout(number int) []uint64 {
	s := &f.scratch
	if !has(s.groups, number) {
		return s.found
	}
	join(s.groupsWithout, s.groups, number, s.allGroups)
	if len(s.rows) > 0 {
		andInto(s.groupsWithout, s.passed)
	}
	return s.groupsWithout
}

// wordsIn returns the set as words: its own, or some of the pool.
func (s *set) wordsIn(free *pool) []uint64 {
	if s.dense != nil {
		return s.dense
	}
	words := free.take()
	fillWords(words, 0)
	s.addTo(words)
	return words
}

// union returns what has one of the values.
func (f *facet) union(values []uint32, free *pool) []uint64 {
	if len(values) == 1 {
		return f.sets[values[0]].wordsIn(free)
	}
	words := free.take()
	fillWords(words, 0)
	for _, value := range values {
		f.sets[value].addTo(words)
	}
	return words
}

// inRange sets to to the rows whose rank is in a range, and to padding perhaps.
func (f *filter) inRange(to []uint64, r *rankRange) {
	column := &f.ranks[r.column]
	if r.from > r.to || r.from >= column.known {
		fillWords(to, 0)
		return
	}
	high := min(r.to, column.known-1)
	if column.inRun(to, f.scratch.all, r.from, high) {
		return
	}
	span := high - r.from
	for i := range column.zones {
		z := &column.zones[i]
		first, end := i*zoneWords, min((i+1)*zoneWords, f.words)
		words := to[first:end]
		switch {
		case z.high < r.from || z.low > high:
			fillWords(words, 0)
		case z.whole && z.low >= r.from && z.high <= high:
			copy(words, f.scratch.all[first:end])
		case column.wide != nil:
			inRange32(words, column.wide[64*first:64*end], r.from, span)
		default:
			inRange16(words, column.narrow[64*first:64*end], uint16(r.from), uint16(span))
		}
	}
}
