package main

import "unsafe"

// The image: words of 32 bits, little-endian. framework/wasm/src/filter/image.rs writes it, and
// framework/docs/filter.md describes it.
const (
	imageMagic   = 0x31494650
	imageFormat  = 1
	headerBytes  = 128
	checksumWord = 3

	headMagic    = 0
	headFormat   = 1
	headLength   = 2
	headGroups   = 8
	headRows     = 9
	headWords    = 10
	headFacets   = 11
	headSets     = 13
	headRanks    = 15
	headOrders   = 17
	headSizes    = 19
	headLongs    = 20
	headLong     = 21
	zoneWords    = 64
	largestImage = 1 << 31
)

// filter has the columns of an image, and what queries need besides.
type filter struct {
	layout
	facets  []facet
	sets    []set
	ranks   []ranks
	orders  []order
	scratch scratch
	// answer has the words of the last answer.
	answer []uint32
}

// facet is an attribute with values.
type facet struct {
	// byGroup: all rows of a group have the same values, and the sets are of groups.
	byGroup bool
	sets    []set
	// codes8 or codes16 have each row's or group's value, if there is one at most.
	codes8  []uint8
	codes16 []uint16
	// words is the number of words of the dense sets, sparse how many bits the others have.
	words, sparse int
}

func (f *facet) hasCodes() bool { return f.codes8 != nil || f.codes16 != nil }

// ranks are a column of numbers, by row.
type ranks struct {
	// One of these; the highest number is none.
	narrow []uint16
	wide   []uint32
	// known is how many ranks there are.
	known uint32
	zones []zone
	// sorted is nil if there is no order of the rows by rank.
	sorted *sorted
}

// zone is what is known of zoneWords words of a column: no rank is lower or higher.
type zone struct {
	low, high uint32
	// whole: each row has a rank.
	whole bool
}

const noRank = ^uint32(0)

func (r *ranks) at(slot int) uint32 {
	if r.wide != nil {
		return r.wide[slot]
	}
	if rank := r.narrow[slot]; rank != ^uint16(0) {
		return uint32(rank)
	}
	return noRank
}

// order is a permutation of the groups.
type order struct {
	groups []uint32
	// place is where each group is; made when it is needed.
	place []uint32
}

// reader reads an image, and remembers whether something was not there.
type reader struct {
	image []byte
	wrong bool
}

// section returns count values at an offset.
func section[T uint8 | uint16 | uint32 | uint64](r *reader, at uint32, count uint64) []T {
	var t T
	size := uint64(unsafe.Sizeof(t))
	if count > largestImage || uint64(at)+count*size > uint64(len(r.image)) ||
		uint64(at)%size != 0 {
		r.wrong = true
		return nil
	}
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&r.image[at])), int(count))
}

// load reads an image and keeps it: image must not change afterwards, but by changes.
func load(image []byte) (*filter, code) {
	if len(image) < headerBytes || len(image)%16 != 0 || uint64(len(image)) > largestImage {
		return nil, codeLength
	}
	r := reader{image: image}
	head := section[uint32](&r, 0, headerBytes/4)
	switch {
	case head[headMagic] != imageMagic:
		return nil, codeLength
	case head[headFormat] != imageFormat:
		return nil, codeFormat
	case head[headLength] != uint32(len(image)):
		return nil, codeLength
	}
	words := section[uint64](&r, 0, uint64(len(image)/8))
	if checksum(words) != words[checksumWord] {
		return nil, codeChecksum
	}
	return r.filter(head)
}

// checksum sums all words but its own.
func checksum(words []uint64) (sum uint64) {
	for i, word := range words {
		if i != checksumWord {
			sum = (sum ^ word) * 0x9E3779B97F4A7C15
			sum ^= sum >> 32
		}
	}
	return sum
}

func (r *reader) filter(head []uint32) (*filter, code) {
	f := &filter{}
	sizes := section[uint8](r, head[headSizes], uint64(head[headGroups]))
	long := section[uint32](r, head[headLong], uint64(head[headLongs]))
	// A word of rows has a group at least, or is part of a long one.
	most := uint64(head[headGroups])
	for _, rows := range long {
		most += uint64(rows)/64 + 1
	}
	if r.wrong || uint64(head[headWords]) > most || most > largestImage/64 ||
		!f.place(sizes, long, int(head[headWords])) || f.rows != int(head[headRows]) {
		return nil, codeImage
	}
	slots := uint64(f.words) * 64
	entries := section[uint32](r, head[headFacets+1], uint64(head[headFacets])*8)
	for ; len(entries) >= 8 && !r.wrong; entries = entries[8:] {
		f.facets = append(f.facets, r.facet(&f.layout, entries))
	}
	f.sets = r.sets(head[headSets+1], head[headSets], f.inner, f.last)
	entries = section[uint32](r, head[headRanks+1], uint64(head[headRanks])*4)
	for ; len(entries) >= 4 && !r.wrong; entries = entries[4:] {
		column := ranks{known: entries[2]}
		if entries[0] == 2 {
			column.narrow = section[uint16](r, entries[1], slots)
		} else {
			column.wide = section[uint32](r, entries[1], slots)
		}
		if !r.wrong {
			r.wrong = !column.check(&f.layout)
		}
		if !r.wrong {
			column.sort(&f.layout)
		}
		f.ranks = append(f.ranks, column)
	}
	entries = section[uint32](r, head[headOrders+1], uint64(head[headOrders])*2)
	for ; len(entries) >= 2 && !r.wrong; entries = entries[2:] {
		groups := section[uint32](r, entries[0], uint64(f.groups))
		r.wrong = r.wrong || !isPermutation(groups)
		f.orders = append(f.orders, order{groups: groups})
	}
	if r.wrong {
		return nil, codeImage
	}
	f.scratch.prepare(f)
	return f, 0
}

func (r *reader) facet(l *layout, entry []uint32) facet {
	const one = 1
	kind, byGroup, values := entry[0], entry[1] == 1, entry[2]
	f := facet{byGroup: byGroup}
	bits, inner, last := l.words*64, l.inner, l.last
	if byGroup {
		bits, inner, last = l.groups, nil, lowBits(l.groups)
	}
	if values > 1<<16-1 {
		r.wrong = true
		return f
	}
	f.sets = r.sets(entry[5], values, inner, last)
	for i := range f.sets {
		f.words += len(f.sets[i].dense)
		if f.sets[i].dense == nil {
			f.sparse += f.sets[i].count
		}
	}
	if kind != one {
		return f
	}
	if entry[3] == 1 {
		f.codes8 = section[uint8](r, entry[4], uint64(bits))
		for _, code := range f.codes8 {
			r.wrong = r.wrong || code != ^uint8(0) && uint32(code) >= values
		}
	} else {
		f.codes16 = section[uint16](r, entry[4], uint64(bits))
		for _, code := range f.codes16 {
			r.wrong = r.wrong || code != ^uint16(0) && uint32(code) >= values
		}
	}
	return f
}

// lowBits returns a set of the first n.
func lowBits(n int) []uint64 {
	words := make([]uint64, (n+63)/64)
	fillWords(words, ^uint64(0))
	if n%64 != 0 {
		words[n/64] = uint64(1)<<(n%64) - 1
	}
	return words
}

// sets reads a directory of sets, of bits that inner or last have.
func (r *reader) sets(at, count uint32, inner, last []uint64) []set {
	const (
		dense  = 1
		sparse = 2
	)
	entries := section[uint32](r, at, uint64(count)*4)
	if r.wrong {
		return nil
	}
	sets := make([]set, count)
	for i := range sets {
		entry := entries[4*i : 4*i+4]
		s := &sets[i]
		s.count = int(entry[3])
		switch entry[0] {
		case dense:
			s.dense = section[uint64](r, entry[1], uint64(len(last)))
			if r.wrong || entry[2] != uint32(len(last))*8 || !within(s.dense, inner, last) {
				r.wrong = true
				return nil
			}
		case sparse:
			s.sparse = section[uint8](r, entry[1], uint64(entry[2]))
			if r.wrong || !s.check(len(last)*64) || !within(s.bits(len(last)), inner, last) {
				r.wrong = true
				return nil
			}
		default:
			s.count = 0
		}
	}
	return sets
}

// within reports whether words have bits of inner or last only.
func within(words, inner, last []uint64) bool {
	for i, word := range words {
		if inner != nil {
			word &^= inner[i]
		}
		if word&^last[i] != 0 {
			return false
		}
	}
	return true
}

// check computes the zones, and reports whether all ranks are known ones and padding has none.
func (r *ranks) check(l *layout) bool {
	r.zones = make([]zone, (l.words+zoneWords-1)/zoneWords)
	for i := range r.zones {
		z := zone{low: noRank, whole: true}
		for word := i * zoneWords; word < min((i+1)*zoneWords, l.words); word++ {
			rows := l.inner[word] | l.last[word]
			for bit := 0; bit < 64; bit++ {
				rank := r.at(word*64 + bit)
				switch isRow := rows>>bit&1 != 0; {
				case rank == noRank:
					z.whole = z.whole && !isRow
				case !isRow || rank >= r.known:
					return false
				default:
					z.low, z.high = min(z.low, rank), max(z.high, rank)
				}
			}
		}
		r.zones[i] = z
	}
	return true
}

// isPermutation reports whether these are all numbers below their count.
func isPermutation(groups []uint32) bool {
	seen := make([]uint64, len(groups)/64+1)
	for _, group := range groups {
		if int(group) >= len(groups) || group > 1<<30 || seen[group>>6]>>(group&63)&1 != 0 {
			return false
		}
		seen[group>>6] |= uint64(1) << (group & 63)
	}
	return true
}
