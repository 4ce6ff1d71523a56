package ui

// The tape is a component's output without its static parts: every value that may change, in
// document order, with marks where blocks begin. A render only writes the tape; everything else
// reads it.
var (
	tape   []entry
	kids   []Component // the nested components, in the order of their marks
	slotNo uint32      // how many slots the current block has had so far
	missed bool        // a block had a shape that is not known yet
)

// entry is one value, or one mark.
//
//	formOpen, formRow, formChild   n: handle<<32 | template, a: index behind the block
//	formList                       n: number of rows, a: index behind the last; each row is its key,
//	                               then formRow
//	formDate                       style: the DateStyle
//	formPlural                     s: the form that goes with n
type entry struct {
	n     int64
	s     string
	a     uint32
	form  uint8
	style uint8
}

const (
	formText uint8 = iota
	formAbsent
	formBool
	formInt
	formNumber
	formMoney
	formDate
	formPlural
	formClosed
	formOpen
	formChild
	formRow
	formList
	formSlot
)

const styleMarked = 1

//go:inline
func push(e entry) {
	slotNo++
	*next() = e
}

// next makes room for one more entry. append would call the runtime for each.
//
//go:inline
func next() *entry {
	n := len(tape)
	if n == cap(tape) {
		growTape()
	}
	tape = tape[:n+1]
	return &tape[n]
}

func growTape() {
	t := make([]entry, len(tape), max(64, 2*cap(tape)))
	copy(t, tape)
	tape = t
}

//go:inline
func pushBool(on bool) {
	var n int64
	if on {
		n = 1
	}
	push(entry{form: formBool, n: n})
}

func (e *entry) template() uint32   { return uint32(e.n) }
func (e *entry) handle() uint32     { return uint32(uint64(e.n) >> 32) }
func (e *entry) setHandle(h uint32) { e.n = int64(uint64(h)<<32 | uint64(uint32(e.n))) }

// isOpen tells whether the entry begins a block.
func (e *entry) isOpen() bool {
	return e.form == formOpen || e.form == formChild || e.form == formRow
}

// same tells whether two values show the same. Strings compare by place first: most did not move.
func (e *entry) same(o *entry) bool {
	return e.form == o.form && e.n == o.n && e.style == o.style && sameText(e.s, o.s)
}

// openBlock begins a block on the tape; closeBlock ends it with the fingerprint of its root.
//
//go:inline
func openBlock(form uint8) (at int, slots uint32) {
	at, slots = len(tape), slotNo
	*next() = entry{form: form}
	slotNo = 0
	if mode == modeRecord && form != formList {
		recording.open()
	}
	return at, slots
}

func closeBlock(at int, slots uint32, root Node) {
	e := &tape[at]
	if mode == modeRecord {
		e.n = int64(recording.finish(root, slotNo))
	} else if t, known := templateOf(mix(uint64(root), uint64(slotNo))); known {
		e.n = int64(t)
	} else {
		missed = true
	}
	tape[at].a = uint32(len(tape))
	slotNo = slots
}
