package main

// A query is a header, then what it counts, in the order of the header; chosen values of facets are
// a facet, a count, and values each, ranges a column, the lowest and the highest rank.
const (
	queryBase = iota
	queryBaseArgument
	queryRequired
	queryChosen
	queryRanges
	queryCount
	queryBounds
	queryOrder
	queryReversed
	querySkip
	queryTake
	queryHeader

	baseAll    = 0
	baseSet    = 1
	baseGroups = 2
)

// query is a query that was read: all numbers in it are of what there is.
type query struct {
	head     []uint32
	groups   []uint32
	required []uint32
	chosen   []chosen
	ranges   []rankRange
	count    []uint32
	bounds   []uint32
}

// chosen are values of a facet, of which a row must have one.
type chosen struct {
	facet  int
	values []uint32
	// counted: the facet is counted too, without this choice.
	counted bool
}

// rankRange are the ranks that a row may have in a column.
type rankRange struct {
	column, from, to uint32
	// bounded: the column's lowest and highest rank is wanted too, without this range.
	bounded bool
}

// words takes words off the beginning of a message.
type words struct {
	rest  []uint32
	wrong bool
}

func (w *words) take(n uint32) []uint32 {
	if uint64(n) > uint64(len(w.rest)) {
		w.wrong = true
		return nil
	}
	taken := w.rest[:n]
	w.rest = w.rest[n:]
	return taken
}

func below(numbers []uint32, limit int) bool {
	for _, number := range numbers {
		if uint64(number) >= uint64(limit) {
			return false
		}
	}
	return true
}

// read reads a query into q, whose memory it uses again.
func (f *filter) read(q *query, message []uint32) code {
	w := words{rest: message}
	head := w.take(queryHeader)
	if w.wrong {
		return codeMessage
	}
	q.head, q.groups = head, nil
	q.chosen, q.ranges = q.chosen[:0], q.ranges[:0]
	known := true
	switch head[queryBase] {
	case baseAll:
	case baseSet:
		known = below(head[queryBaseArgument:queryBaseArgument+1], len(f.sets))
	case baseGroups:
		q.groups = w.take(head[queryBaseArgument])
		known = below(q.groups, f.groups)
	default:
		return codeUnknown
	}
	q.required = w.take(head[queryRequired])
	known = known && below(q.required, len(f.sets))
	for range head[queryChosen] {
		entry := w.take(2)
		if w.wrong {
			return codeMessage
		}
		values := w.take(entry[1])
		if !below(entry[:1], len(f.facets)) ||
			!below(values, len(f.facets[entry[0]].sets)) || q.chooses(entry[0]) {
			return codeUnknown
		}
		q.chosen = append(q.chosen, chosen{facet: int(entry[0]), values: values})
	}
	for range head[queryRanges] {
		entry := w.take(3)
		if w.wrong {
			return codeMessage
		}
		if !below(entry[:1], len(f.ranks)) || q.limits(entry[0]) {
			return codeUnknown
		}
		q.ranges = append(q.ranges, rankRange{column: entry[0], from: entry[1], to: entry[2]})
	}
	q.count = w.take(head[queryCount])
	q.bounds = w.take(head[queryBounds])
	if w.wrong || len(w.rest) != 0 {
		return codeMessage
	}
	known = known && below(q.count, len(f.facets)) && below(q.bounds, len(f.ranks)) &&
		(head[queryTake] == 0 || below(head[queryOrder:queryOrder+1], len(f.orders)))
	if !known {
		return codeUnknown
	}
	for i := range q.chosen {
		q.chosen[i].counted = contains(q.count, uint32(q.chosen[i].facet))
	}
	for i := range q.ranges {
		q.ranges[i].bounded = contains(q.bounds, q.ranges[i].column)
	}
	return 0
}

func contains(numbers []uint32, number uint32) bool {
	for _, other := range numbers {
		if other == number {
			return true
		}
	}
	return false
}

func (q *query) chooses(facet uint32) bool {
	for _, chosen := range q.chosen {
		if chosen.facet == int(facet) {
			return true
		}
	}
	return false
}

func (q *query) limits(column uint32) bool {
	for _, r := range q.ranges {
		if r.column == column {
			return true
		}
	}
	return false
}
