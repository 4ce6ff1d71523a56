package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// writer writes images, as the host does.
type writer struct{ bytes []byte }

func (w *writer) section(data []byte) uint32 {
	at := len(w.bytes)
	w.bytes = append(w.bytes, data...)
	for len(w.bytes)%16 != 0 {
		w.bytes = append(w.bytes, 0)
	}
	return uint32(at)
}

func (w *writer) words(words ...uint32) uint32 {
	var data []byte
	for _, word := range words {
		data = binary.LittleEndian.AppendUint32(data, word)
	}
	return w.section(data)
}

// finish writes the head with length and checksum.
func (w *writer) finish(head map[int]uint32) []byte {
	head[headMagic], head[headFormat] = imageMagic, imageFormat
	head[headLength] = uint32(len(w.bytes))
	for word, value := range head {
		binary.LittleEndian.PutUint32(w.bytes[4*word:], value)
	}
	seal(w.bytes)
	return w.bytes
}

// seal writes the checksum of an image.
func seal(image []byte) {
	words := make([]uint64, len(image)/8)
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(image[8*i:])
	}
	binary.LittleEndian.PutUint64(image[8*checksumWord:], checksum(words))
}

// shop is an image with groups of 2, 70 and 1 rows: a facet by row, one by group, a sparse set, a
// column and an order.
func shop() []byte {
	w := writer{make([]byte, headerBytes)}
	const slots = 256
	codes := slices.Repeat([]byte{255}, slots)
	codes[0], codes[1], codes[64], codes[133] = 0, 1, 1, 1
	dense := func(words ...uint64) uint32 {
		var data []byte
		for _, word := range words {
			data = binary.LittleEndian.AppendUint64(data, word)
		}
		return w.section(data)
	}
	byRow := w.words(
		1, dense(1, 0, 0, 0), 32, 1,
		1, dense(2, 1, 1<<5, 0), 32, 3,
	)
	byGroup := w.words(
		1, dense(0b101), 8, 2,
		1, dense(0b010), 8, 1,
	)
	facets := w.words(
		1, 0, 2, 1, w.section(codes), byRow, 0, 0,
		2, 1, 2, 0, 0, byGroup, 0, 0,
	)
	// A container with an array of 1, 64 and 133.
	sparse := []byte{0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 16, 0, 0, 0, 1, 0, 64, 0, 133, 0}
	sets := w.words(2, w.section(sparse), uint32(len(sparse)), 3)
	ranks := slices.Repeat([]byte{255}, 2*slots)
	for i, slot := range []int{0, 1, 64, 128, 133} {
		ranks[2*slot], ranks[2*slot+1] = byte(i), 0
	}
	columns := w.words(2, w.section(ranks), 5, 0)
	orders := w.words(w.words(2, 0, 1), 0)
	return w.finish(map[int]uint32{
		headGroups: 3, headRows: 73, headWords: 4,
		headFacets: 2, headFacets + 1: facets,
		headSets: 1, headSets + 1: sets,
		headRanks: 1, headRanks + 1: columns,
		headOrders: 1, headOrders + 1: orders,
		headSizes: w.section([]byte{2, 0, 1}), headLongs: 1, headLong: w.words(70),
	})
}

func TestAnImageThatIsCutOffOrDamagedOrOfAnotherFormatIsRefused(t *testing.T) {
	good := shop()
	if _, code := load(slices.Clone(good)); code != 0 {
		t.Fatal(code)
	}
	for _, length := range []int{0, 16, headerBytes, len(good) - 16} {
		if _, code := load(slices.Clone(good[:length])); code != codeLength {
			t.Errorf("%d bytes: %d", length, code)
		}
	}
	other := slices.Clone(good)
	other[4*headFormat]++
	if _, code := load(other); code != codeFormat {
		t.Error(code)
	}
	for at := range good {
		flipped := slices.Clone(good)
		flipped[at] ^= 1 << (at % 8)
		if _, code := load(flipped); code == 0 {
			t.Errorf("byte %d", at)
		}
	}
}

func TestRowsAndGroupsBecomeEachOther(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var sizes []byte
		var long []uint32
		rows, words := 0, 0
		for range random.IntN(200) {
			size := 1 + random.IntN(9)
			if random.IntN(20) == 0 {
				size = 60 + random.IntN(200)
			}
			if rows%64+size > 64 {
				rows = (rows + 63) &^ 63
			}
			rows += size
			if size > 64 {
				rows = (rows + 63) &^ 63
				long, size = append(long, uint32(size)), 0
			}
			sizes = append(sizes, byte(size))
		}
		words = (rows + 63) / 64
		var l layout
		if !l.place(sizes, long, words) {
			t.Fatal("not placed")
		}
		chosen := make([]uint64, l.groupWords, l.groupWords+1)
		for group := range l.groups {
			chosen[group/64] |= uint64(random.IntN(2)) << (group % 64)
		}
		ofChosen := make([]uint64, words)
		l.toRows(ofChosen, chosen, make([]uint64, words))
		for slot := range words * 64 {
			isRow := (l.inner[slot/64]|l.last[slot/64])>>(slot%64)&1 != 0
			group := l.groupOf(slot)
			want := isRow && chosen[group/64]>>(group%64)&1 != 0
			if got := ofChosen[slot/64]>>(slot%64)&1 != 0; got != want {
				t.Fatalf("slot %d of group %d: %v", slot, group, got)
			}
		}
		back := make([]uint64, l.groupWords, l.groupWords+1)
		l.toGroups(back, ofChosen, make([]uint64, words))
		if !slices.Equal(back, chosen) {
			t.Fatal("other groups")
		}
		for i := range ofChosen {
			ofChosen[i] &= random.Uint64()
		}
		want := make([]uint64, l.groupWords)
		for slot := range words * 64 {
			if ofChosen[slot/64]>>(slot%64)&1 != 0 {
				group := l.groupOf(slot)
				want[group/64] |= 1 << (group % 64)
			}
		}
		l.toGroups(back, ofChosen, make([]uint64, words))
		if !slices.Equal(back, want) {
			t.Fatal("other groups of some rows")
		}
	}
}

func TestAQueryOfTheShop(t *testing.T) {
	f, code := load(shop())
	if code != 0 {
		t.Fatal(code)
	}
	// Value 1 of the first facet, in the set: row 1 of group 0, and rows of the long group; both
	// facets counted, and the ranks.
	message := []uint32{0, 0, 1, 1, 0, 2, 1, 0, 0, 0, 9, 0, 0, 1, 1, 0, 1, 0}
	if code := f.query(message); code != 0 {
		t.Fatal(code)
	}
	want := []uint32{2, 2, 0, 1, 2, 0, 2, 2, 1, 1, 1, 4}
	if !slices.Equal(f.answer, want) {
		t.Errorf("%v instead of %v", f.answer, want)
	}
}

// numbered is an image of so many groups of a row each, with a column of these ranks.
func numbered(ranks []uint16, known int) []byte {
	w := writer{make([]byte, headerBytes)}
	words := (len(ranks) + 63) / 64
	data := slices.Repeat([]byte{255}, 128*words)
	for slot, rank := range ranks {
		binary.LittleEndian.PutUint16(data[2*slot:], rank)
	}
	columns := w.words(2, w.section(data), uint32(known), 0)
	return w.finish(map[int]uint32{
		headGroups: uint32(len(ranks)), headRows: uint32(len(ranks)), headWords: uint32(words),
		headRanks: 1, headRanks + 1: columns,
		headSizes: w.section(slices.Repeat([]byte{1}, len(ranks))),
	})
}

func TestARangeHasTheSameRowsByTheirOrderAndByAScanAlsoAfterChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		known := 1 + random.IntN(500)
		ranks := make([]uint16, 64+random.IntN(5000))
		for row := range ranks {
			if ranks[row] = uint16(random.IntN(known)); random.IntN(9) == 0 {
				ranks[row] = ^uint16(0)
			}
		}
		ranks[0] = uint16(known - 1)
		f, code := load(numbered(ranks, known))
		if code != 0 {
			t.Fatal(code)
		}
		for range 20 {
			from := random.IntN(known)
			to := from + random.IntN(known-from)
			if random.IntN(2) == 0 {
				to = min(to, from+known/30)
			}
			want := uint32(0)
			for _, rank := range ranks {
				if int(rank) >= from && int(rank) <= to {
					want++
				}
			}
			message := []uint32{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, uint32(from), uint32(to)}
			if code := f.query(message); code != 0 || f.answer[0] != want {
				t.Fatalf("%d from %d to %d: %d, %v", want, from, to, code, f.answer)
			}
			row, rank := random.IntN(len(ranks)), uint16(random.IntN(known))
			ranks[row] = rank
			if code := f.change([]uint32{changeRank, 0, uint32(row), uint32(rank)}); code != 0 {
				t.Fatal(code)
			}
		}
	}
}

func TestAPageHasTheFirstGroupsOfItsOrderWhereverTheyAre(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		groups := 1 + random.IntN(3000)
		w := writer{make([]byte, headerBytes)}
		order := make([]uint32, groups)
		for place, group := range random.Perm(groups) {
			order[place] = uint32(group)
		}
		orders := w.words(w.words(order...), 0)
		f, code := load(w.finish(map[int]uint32{
			headGroups: uint32(groups), headRows: uint32(groups),
			headWords: uint32(groups+63) / 64, headOrders: 1, headOrders + 1: orders,
			headSizes: w.section(slices.Repeat([]byte{1}, groups)),
		}))
		if code != 0 {
			t.Fatal(code)
		}
		// Groups that lie together in the order, as those of a range of prices do.
		first := random.IntN(groups)
		found := slices.Clone(order[first : first+random.IntN(groups-first)+1])
		skip, take, reversed := random.IntN(len(found)+1), random.IntN(60), random.IntN(2)
		want := slices.Clone(found)
		if reversed == 1 {
			slices.Reverse(want)
		}
		want = want[skip:]
		want = want[:min(take, len(want))]
		slices.Sort(found)
		message := []uint32{baseGroups, uint32(len(found)), 0, 0, 0, 0, 0, 0, uint32(reversed),
			uint32(skip), uint32(take)}
		if code := f.query(append(message, found...)); code != 0 {
			t.Fatal(code)
		}
		if !slices.Equal(f.answer[2:], want) {
			t.Fatalf("%v instead of %v", f.answer[2:], want)
		}
	}
}

// fuzzed makes a message of bytes, as many words as they are.
func fuzzed(data []byte) []uint32 {
	message := make([]uint32, len(data)/4)
	for i := range message {
		message[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return message
}

func bytesOfMessage(words ...uint32) (data []byte) {
	for _, word := range words {
		data = binary.LittleEndian.AppendUint32(data, word)
	}
	return data
}

// Whatever an image has, it is refused or answers queries.
func FuzzImage(f *testing.F) {
	f.Add(shop())
	f.Fuzz(func(t *testing.T, image []byte) {
		image = append([]byte(nil), image[:len(image)&^15]...)
		if len(image) < headerBytes {
			return
		}
		binary.LittleEndian.PutUint32(image[4*headLength:], uint32(len(image)))
		seal(image)
		filter, code := load(image)
		if code != 0 {
			return
		}
		message := []uint32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
		for i := range filter.facets {
			message = append(message, uint32(i))
			message[queryCount]++
		}
		for i := range filter.ranks {
			message = append(message, uint32(i))
			message[queryBounds]++
		}
		if len(filter.orders) > 0 {
			message[queryTake] = 24
		}
		if code := filter.query(message); code != 0 {
			t.Error(code)
		}
	})
}

// Whatever a message says, it is refused or answered.
func FuzzMessages(f *testing.F) {
	f.Add(bytesOfMessage(0, 0, 1, 1, 0, 2, 1, 0, 0, 0, 9, 0, 0, 1, 1, 0, 1, 0), []byte{})
	f.Add(bytesOfMessage(2, 2, 0, 0, 1, 0, 0, 0, 1, 1, 9, 0, 2, 0, 1, 3),
		bytesOfMessage(1, 0, 133, 1, 2, 0, 64, 4, 3, 0, 1, 0, 2))
	f.Add(bytesOfMessage(1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1), []byte{})
	image := shop()
	f.Fuzz(func(t *testing.T, query, change []byte) {
		filter, code := load(slices.Clone(image))
		if code != 0 {
			t.Fatal(code)
		}
		filter.change(fuzzed(change))
		filter.query(fuzzed(query))
		filter.query(fuzzed(query))
	})
}
