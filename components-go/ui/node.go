package ui

import "unsafe"

// A Node is a piece of a component's output: an element, an attribute, text. It is a number, not a
// tree: what Render returns is the fingerprint of the component's shape, while the changing values
// are written to a tape. So create a Node in the arguments of its parent, and never store it.
//
// The zero Node renders nothing.
type Node uint64

// static is a string that is a constant of the program: the type has no name outside of this
// package, so only untyped constants convert to it.
type static string

// Seeds distinguish the kinds of nodes in a fingerprint.
const (
	seedElement = iota + 1
	seedText
	seedFragment
	seedAttr
	seedClass
	seedClassIf
	seedAttrStr
	seedBoolAttr
	seedValue
	seedChecked
	seedProp
	seedOn
	seedPrevent
	seedRef
	seedStr
	seedHTML
	seedBlock
	seedList
	seedSlot
)

const golden = 0x9E3779B97F4A7C15

// mix folds x into h. Modules are built for size, since every browser downloads them: what runs for
// each value of a page, and is short, is marked //go:inline.
//
//go:inline
func mix(h, x uint64) uint64 {
	h = (h ^ x) * golden
	return h ^ h>>32
}

// constant fingerprints a constant by its address, which is unique in a program.
//
//go:inline
func constant(seed uint64, s static) uint64 {
	at := uint64(uintptr(unsafe.Pointer(unsafe.StringData(string(s)))))
	h := (at<<8 ^ uint64(len(s))<<56 ^ seed) * golden
	return h ^ h>>32
}

// leaf fingerprints a changing value: its kind and its number within its block.
//
//go:inline
func leaf(seed uint64) uint64 { return seed<<32 | uint64(slotNo) }
