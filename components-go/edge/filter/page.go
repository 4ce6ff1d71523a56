package main

import (
	"math/bits"
	"slices"
)

// Looking up the place of a group that was found takes as long as looking at so many groups of an
// order.
const costPlace = 3

// page appends the groups of the page to the answer, and sets their count.
func (f *filter) page(q *query) {
	total := uint64(f.answer[0])
	skip := uint64(q.head[querySkip])
	take := min(uint64(q.head[queryTake]), total-min(skip, total))
	if take == 0 {
		return
	}
	f.answer[1] = uint32(take)
	order := &f.orders[q.head[queryOrder]]
	reversed := q.head[queryReversed] != 0
	// Those that were found may all be at the end of the order, as by a range of what it sorts by.
	looks := min(total*costPlace, uint64(f.groups))
	before := len(f.answer)
	if !f.pageOfOrder(order.groups, reversed, int(skip), int(take), int(looks)) {
		f.answer = f.answer[:before]
		f.pageOfPlaces(order, reversed, int(skip), int(take))
	}
}

// pageOfOrder goes through the order until the page is full, or reports that it is not after so
// many looks.
func (f *filter) pageOfOrder(groups []uint32, reversed bool, skip, take, looks int) bool {
	for i := range looks {
		if reversed {
			i = len(groups) - 1 - i
		}
		group := groups[i]
		if f.scratch.found[group>>6]>>(group&63)&1 == 0 {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		f.answer = append(f.answer, group)
		if take--; take == 0 {
			return true
		}
	}
	return false
}

// pageOfPlaces looks up the places in the order of all groups that were found, and sorts the first
// ones.
func (f *filter) pageOfPlaces(order *order, reversed bool, skip, take int) {
	if order.place == nil {
		order.place = make([]uint32, len(order.groups))
		for place, group := range order.groups {
			order.place[group] = uint32(place)
		}
	}
	last := uint32(0)
	if reversed {
		last = uint32(len(order.groups) - 1)
	}
	// Places from the end are counted backwards. No place from limit on is among the first ones.
	limit := ^uint32(0)
	places := f.scratch.places[:0]
	for i, word := range f.scratch.found {
		for ; word != 0; word &= word - 1 {
			place := order.place[i<<6+bits.TrailingZeros64(word)]
			if reversed {
				place = last - place
			}
			if place >= limit {
				continue
			}
			if places = append(places, place); len(places) >= 2*(skip+take)+64 {
				slices.Sort(places)
				places = places[:skip+take]
				limit = places[skip+take-1]
			}
		}
	}
	slices.Sort(places)
	f.scratch.places = places
	for _, place := range places[skip : skip+take] {
		if reversed {
			place = last - place
		}
		f.answer = append(f.answer, order.groups[place])
	}
}
