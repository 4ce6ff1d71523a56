package main

import (
	"math/bits"
	"slices"
)

// Looking at a group of an order, and looking up the place of a group that was found and sorting
// it, in tenths of nanoseconds.
const (
	costLook = 20
	costSort = 600
)

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
	looks := uint64(f.groups) * min(skip+take, total) / total
	if looks*costLook > total*costSort {
		f.pageOfPlaces(order, reversed, int(skip), int(take))
	} else {
		f.pageOfOrder(order.groups, reversed, int(skip), int(take))
	}
}

// pageOfOrder goes through the order until the page is full.
func (f *filter) pageOfOrder(groups []uint32, reversed bool, skip, take int) {
	for i := range groups {
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
			return
		}
	}
}

// pageOfPlaces sorts the groups that were found by their places in the order.
func (f *filter) pageOfPlaces(order *order, reversed bool, skip, take int) {
	if order.place == nil {
		order.place = make([]uint32, len(order.groups))
		for place, group := range order.groups {
			order.place[group] = uint32(place)
		}
	}
	places := f.scratch.places[:0]
	for i, word := range f.scratch.found {
		for ; word != 0; word &= word - 1 {
			places = append(places, order.place[i<<6+bits.TrailingZeros64(word)])
		}
	}
	slices.Sort(places)
	f.scratch.places = places
	if reversed {
		slices.Reverse(places)
	}
	for _, place := range places[skip : skip+take] {
		f.answer = append(f.answer, order.groups[place])
	}
}
