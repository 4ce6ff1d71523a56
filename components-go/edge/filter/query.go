package main

// scratch is memory that queries use in turn; its size depends on the image alone, and on how many
// conditions a query has.
type scratch struct {
	query query
	// all has all rows, allGroups all groups.
	all, allGroups []uint64
	// The conditions of the query, and memory for them.
	rows, groups       []condition
	rowPool, groupPool pool
	// found has the groups that meet all conditions, passed those with a row that meets all
	// conditions on rows, if there are any.
	found, passed []uint64
	// rowsFound has the rows that meet all conditions, ofGroupsFound the rows of the groups that
	// meet all conditions on groups, if there are any; both only if a count has needed them.
	rowsFound, ofGroupsFound []uint64
	expanded                 bool
	spare, groupsWithout     []uint64
	// present are the indexes of the words that are not 0.
	present []uint32
	// seen is, by value, the last group that was counted with it.
	seen []uint32
	// places are those of the groups found, in the order.
	places []uint32
}

// pool has sets that a query may use.
type pool struct {
	words int
	sets  [][]uint64
	taken int
}

func (p *pool) take() []uint64 {
	if p.taken == len(p.sets) {
		p.sets = append(p.sets, make([]uint64, p.words))
	}
	p.taken++
	return p.sets[p.taken-1]
}

func (s *scratch) prepare(f *filter) {
	s.rowPool.words, s.groupPool.words = f.words, f.groupWords
	for _, rows := range []*[]uint64{&s.all, &s.rowsFound, &s.ofGroupsFound, &s.spare} {
		*rows = make([]uint64, f.words)
	}
	for _, groups := range []*[]uint64{&s.found, &s.passed, &s.groupsWithout} {
		*groups = make([]uint64, f.groupWords, f.groupWords+1)
	}
	s.allGroups = lowBits(f.groups)
	copy(s.all, f.inner)
	orInto(s.all, f.last)
	s.present = make([]uint32, f.words)
	values := 0
	for i := range f.facets {
		values = max(values, len(f.facets[i].sets))
	}
	s.seen = make([]uint32, values)
}

// reset makes the memory free for the next query.
func (s *scratch) reset() {
	s.rows, s.groups = s.rows[:0], s.groups[:0]
	s.rowPool.taken, s.groupPool.taken = 0, 0
	s.expanded = false
}

// query answers a query.
func (f *filter) query(message []uint32) code {
	q := &f.scratch.query
	if code := f.read(q, message); code != 0 {
		return code
	}
	f.selectGroups(q)
	f.answer = append(f.answer[:0], uint32(onesCount(f.scratch.found)), 0)
	f.page(q)
	for _, facet := range q.count {
		f.count(int(facet))
	}
	for _, column := range q.bounds {
		f.bound(int(column))
	}
	return 0
}
