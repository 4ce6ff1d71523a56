package ui

// The patch buffer of section 6.
const (
	patchTemplate = iota + 1
	patchNew
	patchSet
	patchMove
	patchRemove
	patchClear
	patchIsland
	patchReplace
	patchEffect
)

const absent = 0xFFFFFFFF

// patch is the buffer under construction: words, and one area for all texts.
var patch struct {
	words []uint32
	text  []byte
}

func words(w ...uint32) { patch.words = append(patch.words, w...) }

func patchText(s string) {
	s = clean(s)
	patch.words = append(patch.words, uint32(utf16Length(s)))
	patch.text = append(patch.text, s...)
}

// patchValue writes the value of a slot.
func patchValue(e *entry) {
	switch e.form {
	case formAbsent:
		words(absent)
	case formBool:
		words(uint32(e.n))
	case formText:
		patchText(e.s)
	default:
		scratch = e.append(scratch[:0])
		patchText(view(scratch))
	}
}

func beginPatch() {
	patch.words, patch.text = patch.words[:0], patch.text[:0]
}

func endPatch() {
	freed.release()
	frame[frameOutput] = address(patch.words)
	frame[frameOutputLength] = uint32(len(patch.words) * 4)
	frame[frameText] = address(patch.text)
	frame[frameTextLength] = uint32(len(patch.text))
}

var sentTemplates int

// sendTemplates sends the shapes that the browser does not know yet.
func sendTemplates() {
	for i := sentTemplates; i < len(templates); i++ {
		t := &templates[i]
		words(patchTemplate, uint32(i+1), uint32(len(t.slots)))
		patchText(t.html)
		for j := range t.slots {
			s := &t.slots[j]
			words(uint32(s.kind) | uint32(s.anchor)<<8)
			patchText(s.path)
			patchText(s.name)
		}
	}
	sentTemplates = len(templates)
}

// freed allocates handles. Those of removed blocks are reused, from the next call on.
var freed handles

type handles struct {
	last    uint32
	free    []uint32
	pending []uint32
}

func (h *handles) take() uint32 {
	if n := len(h.free); n > 0 {
		taken := h.free[n-1]
		h.free = h.free[:n-1]
		return taken
	}
	h.last++
	return h.last
}

// give frees the handles of all blocks between two entries.
func (h *handles) give(t []entry) {
	for i := range t {
		if t[i].isOpen() {
			h.pending = append(h.pending, t[i].handle())
		}
	}
}

func (h *handles) release() {
	h.free = append(h.free, h.pending...)
	h.pending = h.pending[:0]
}

// newBlock writes NEW for one block and the blocks inside it.
func newBlock(t []entry, at int, parent, slot uint32, keyed bool) {
	words(patchNew, t[at].template()+1, 1, parent, slot, 0, 0)
	blockValues(t, at)
	blockChildren(t, at, keyed)
}

// newRows writes NEW for rows, given by the index of their keys: one op for each run of one shape.
func newRows(t []entry, rows []uint32, parent, slot, before uint32, keyed bool) {
	for len(rows) > 0 {
		shape := t[rows[0]+1].template()
		n := 1
		for n < len(rows) && t[rows[n]+1].template() == shape {
			n++
		}
		var flag uint32
		if keyed {
			flag = 1
		}
		words(patchNew, shape+1, uint32(n), parent, slot, before, flag)
		for _, r := range rows[:n] {
			blockKeyed(t, int(r), keyed)
		}
		for _, r := range rows[:n] {
			blockChildren(t, int(r)+1, keyed)
		}
		rows = rows[n:]
	}
}

func blockKeyed(t []entry, row int, keyed bool) {
	if !keyed {
		blockValues(t, row+1)
		return
	}
	e := &t[row+1]
	e.setHandle(freed.take())
	words(e.handle())
	patchText(string(appendKey(nil, &t[row])))
	slotValues(t, row+1)
}

func blockValues(t []entry, at int) {
	e := &t[at]
	e.setHandle(freed.take())
	words(e.handle())
	slotValues(t, at)
}

func slotValues(t []entry, at int) {
	end := int(t[at].a)
	for i := at + 1; i < end; {
		e := &t[i]
		switch e.form {
		case formOpen, formChild, formList:
			i = int(e.a)
			continue
		case formClosed, formSlot:
		default:
			patchValue(e)
		}
		i++
	}
}

// blockChildren writes the blocks that are inside of a block.
func blockChildren(t []entry, at int, keyed bool) {
	handle, end := t[at].handle(), int(t[at].a)
	slot := uint32(0)
	for i := at + 1; i < end; slot++ {
		switch e := &t[i]; e.form {
		case formOpen, formChild:
			newBlock(t, i, handle, slot, keyed)
			i = int(e.a)
		case formList:
			mark := len(rowScratch)
			rows := rowsOf(t, i)
			newRows(t, rows, handle, slot, 0, keyed)
			rowScratch = rowScratch[:mark]
			i = int(e.a)
		default:
			i++
		}
	}
}

var rowScratch []uint32

// rowsOf gives the index of each row's key, in scratch that the caller releases.
func rowsOf(t []entry, list int) []uint32 {
	from := len(rowScratch)
	at := uint32(list + 1)
	for range t[list].n {
		rowScratch = append(rowScratch, at)
		at = t[at+1].a
	}
	return rowScratch[from:len(rowScratch):len(rowScratch)]
}
