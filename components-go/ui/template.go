package ui

// template is one recorded shape: a block without its values.
type template struct {
	html   string     // for the browser
	slots  []slotInfo // in the order of the tape
	live   program    // writes it with ids and handlers
	bare   program    // writes it without, for hydrate="none"
	digest uint64
	acts   bool // it has a handler or a changing slot
	sent   bool // the browser knows it
}

// slotInfo tells where a value goes.
type slotInfo struct {
	kind   uint8
	anchor uint8
	path   string // of its element
	name   string // of its attribute or class; the place of a block or list
}

// Slot kinds of the protocol.
const (
	kindText uint8 = iota
	kindAttr
	kindBool
	kindClass
	kindValue
	kindChecked
	kindHTML
	kindBlock
	kindList
	kindSlot
	kindProp
)

// noAnchor is the anchor of a slot that is its element's only child.
const noAnchor = 255

// A program writes a template: each op writes text, then one value.
type program []op

type op struct {
	lead  string // written first
	name  string // attribute with ` name="` around it; path of a block
	class []classToggle
	value []valuePart // of an option
	code  uint8
	skip  uint16 // the value's offset from the tape's position
	take  uint16 // how many entries the tape advances afterwards
}

// valuePart is a piece of an option's value: a constant, or the entry at that place of the tape.
type valuePart struct {
	text string
	slot bool
	at   uint16
}

type classToggle struct {
	name string
	at   uint16
}

const (
	opEnd uint8 = iota
	opScope
	opText
	opAttr
	opBool
	opClass
	opRaw
	opBlock
	opList
	opSlot
	opArea   // a textarea's content
	opChoose // a select's value: nothing is written, its options are compared with it
	opOption // an option that may be the chosen one
	opChosen // the end of the select
	opNone
)

// maxTemplates bounds how many shapes a program can have: a shape that depends on data is a
// mistake.
const maxTemplates = 4096

var (
	templates []template
	byHash    []hashSlot // open addressing, a power of two
)

type hashSlot struct {
	hash     uint64
	template uint32 // from 1
}

//go:inline
func templateOf(hash uint64) (uint32, bool) {
	if len(byHash) == 0 {
		return 0, false
	}
	mask := uint64(len(byHash) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &byHash[i]
		if s.template == 0 {
			return 0, false
		}
		if s.hash == hash {
			return s.template - 1, true
		}
	}
}

func addTemplate(hash uint64, t template) uint32 {
	if len(templates) >= maxTemplates {
		fail("the components have more than 4096 shapes: show what comes in any number with ui.Each")
	}
	templates = append(templates, t)
	if len(templates)*2 > len(byHash) {
		old := byHash
		byHash = make([]hashSlot, max(64, len(old)*2))
		for _, s := range old {
			if s.template != 0 {
				putHash(s)
			}
		}
	}
	putHash(hashSlot{hash, uint32(len(templates))})
	return uint32(len(templates) - 1)
}

func putHash(s hashSlot) {
	mask := uint64(len(byHash) - 1)
	i := s.hash & mask
	for byHash[i].template != 0 {
		i = (i + 1) & mask
	}
	byHash[i] = s
}
