package ui

import "unsafe"

// A Node is a piece of a component's output: an element, an attribute, text. It is a number, not a
// tree: what a component returns from Render is the fingerprint of its shape, and the values that
// change travel beside it. So a Node is made where it stands, in the arguments of its parent, and
// is never kept.
//
// The zero Node is nothing, and takes no place.
type Node uint64

// static is a string that is a constant of the program: the type has no name outside of this
// package, so only untyped constants convert to it.
type static string

// Seeds keep the kinds of nodes apart in a fingerprint.
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

// mix folds x into h.
func mix(h, x uint64) uint64 {
	h = (h ^ x) * golden
	return h ^ h>>32
}

// constant fingerprints a constant by where it lies, which tells constants of one program apart
// without reading them.
func constant(seed uint64, s static) uint64 {
	at := uint64(uintptr(unsafe.Pointer(unsafe.StringData(string(s)))))
	h := (at<<8 ^ uint64(len(s))<<56 ^ seed) * golden
	return h ^ h>>32
}

// leaf fingerprints a changing value: its kind and its number within its block.
func leaf(seed uint64) uint64 { return seed<<32 | uint64(slotNo) }
