package ui

// diffBlock compares a block with what it was, and writes what has changed. The two begin at their
// marks.
func diffBlock(old []entry, i int, now []entry, j int) {
	if old[i].template() != now[j].template() {
		replaceBlock(old, i, now, j)
		return
	}
	handle := old[i].handle()
	now[j].setHandle(handle)
	end := int(now[j].a)
	i++
	j++
	for slot := uint32(0); j < end; slot++ {
		o, n := &old[i], &now[j]
		switch n.form {
		case formSlot:
		case formClosed, formOpen, formChild:
			i, j = diffPlace(old, i, now, j, handle, slot)
			continue
		case formList:
			diffList(old, i, now, j, handle, slot)
			i, j = int(o.a), int(n.a)
			continue
		default:
			if !o.same(n) {
				words(patchSet, handle, slot)
				patchValue(n)
			}
		}
		i++
		j++
	}
}

// diffPlace compares the place of a condition or a nested component, and gives the indices behind
// both.
func diffPlace(old []entry, i int, now []entry, j int, parent, slot uint32) (int, int) {
	o, n := &old[i], &now[j]
	was, is := o.isOpen(), n.isOpen()
	switch {
	case was && is:
		diffBlock(old, i, now, j)
		return int(o.a), int(n.a)
	case was:
		words(patchRemove, o.handle())
		freed.give(old[i:o.a])
		return int(o.a), j + 1
	case is:
		newBlock(now, j, parent, slot, false)
		return i + 1, int(n.a)
	}
	return i + 1, j + 1
}

func replaceBlock(old []entry, i int, now []entry, j int) {
	newBlock(now, j, 0, 0, false)
	words(patchReplace, old[i].handle(), now[j].handle())
	freed.give(old[i:old[i].a])
}
