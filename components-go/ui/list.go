package ui

// Each renders one row, which is one element, for each item. The key identifies the row among its
// siblings: it keeps its DOM nodes, and what the visitor typed into them, wherever it moves. Two
// rows must not have the same key.
func Each[T any, K int64 | string](items []T, key func(*T) K, row func(*T) Node) Node {
	if exploring && len(items) == 0 {
		exploreRow(row)
	}
	list, slots := openBlock(formList)
	for i := range items {
		item := &items[i]
		pushKey(key(item))
		at, _ := openBlock(formRow)
		closeBlock(at, 0, row(item))
	}
	closeList(list, slots, len(items))
	return changing(seedList)
}

func exploreRow[T any](row func(*T) Node) {
	item := new(T)
	explore(func() Node { return row(item) })
}

func pushKey[K int64 | string](key K) {
	switch key := any(key).(type) {
	case int64:
		*next() = entry{form: formInt, n: key}
	case string:
		*next() = entry{form: formText, s: key}
	}
}

func closeList(at int, slots uint32, rows int) {
	end := len(tape)
	tape[at].n = int64(rows)
	tape[at].a = uint32(end)
	slotNo = slots + 1
	if rows > 1 {
		refuseDoubleKeys(tape, at)
	}
}

// refuseDoubleKeys fails when two rows of the list at that entry have one key.
func refuseDoubleKeys(t []entry, list int) {
	rows := int(t[list].n)
	table := newKeyTable(rows)
	at := list + 1
	for range rows {
		if table.put(t, at) >= 0 {
			fail("two rows of a list have the key " + string(appendKey(nil, &t[at])))
		}
		at = int(t[at+1].a)
	}
}

// keyTable finds rows by their key: the index of the key's entry, in open addressing. One is in use
// at a time.
type keyTable struct {
	slots []uint32
	mask  uint32
}

var keySlots []uint32

func newKeyTable(rows int) keyTable {
	size := 8
	for size < rows*2 {
		size *= 2
	}
	if cap(keySlots) < size {
		keySlots = make([]uint32, size)
	}
	slots := keySlots[:size]
	clear(slots)
	return keyTable{slots: slots, mask: uint32(size - 1)}
}

// put adds the key at that entry, or gives the entry that has the same key already; else -1.
func (k *keyTable) put(t []entry, at int) int {
	i := keyHash(&t[at]) & k.mask
	for k.slots[i] != 0 {
		if other := int(k.slots[i] - 1); sameKey(&t[other], &t[at]) {
			return other
		}
		i = (i + 1) & k.mask
	}
	k.slots[i] = uint32(at + 1)
	return -1
}

// find gives the entry of t that has the same key as e, or -1.
func (k *keyTable) find(t []entry, e *entry) int {
	i := keyHash(e) & k.mask
	for k.slots[i] != 0 {
		if at := int(k.slots[i] - 1); sameKey(&t[at], e) {
			return at
		}
		i = (i + 1) & k.mask
	}
	return -1
}

func sameKey(a, b *entry) bool { return a.n == b.n && a.form == b.form && sameText(a.s, b.s) }

func keyHash(e *entry) uint32 {
	if e.form == formInt {
		return uint32(mix(golden, uint64(e.n)))
	}
	return uint32(digestText(golden, e.s))
}
