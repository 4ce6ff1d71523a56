package ui

// Attr is an attribute whose value never changes.
func Attr(name, value static) Node {
	return fixed(seedAttr, mix(constant(seedAttr, name), constant(seedAttr, value)), name, value)
}

// AttrStr is an attribute with a changing value. A value that is not a safe address, in an
// attribute that holds one, becomes about:invalid.
func AttrStr(name static, value string) Node {
	if holdsURL(string(name)) {
		value = safeURL(value)
	}
	push(entry{form: formText, s: value})
	return named(seedAttrStr, name)
}

// AttrInt is an attribute with a changing integer.
func AttrInt(name static, value int64) Node {
	push(entry{form: formInt, n: value})
	return named(seedAttrStr, name)
}

// AttrOpt is an attribute that is left out while present is false.
func AttrOpt(name static, value string, present bool) Node {
	if !present {
		push(entry{form: formAbsent})
		return named(seedAttrStr, name)
	}
	return AttrStr(name, value)
}

// BoolAttr is an attribute without value, such as disabled or hidden, present while on is true.
func BoolAttr(name static, on bool) Node {
	pushBool(on)
	return named(seedBoolAttr, name)
}

// Class adds classes that never change, separated by blanks.
func Class(names static) Node {
	return fixed(seedClass, constant(seedClass, names), names, "")
}

// ClassIf adds one class while on is true.
func ClassIf(name static, on bool) Node {
	pushBool(on)
	return named(seedClassIf, name)
}

// Value is the value of an input, a select or a textarea. What the user is typing is never
// overwritten.
func Value(value string) Node {
	push(entry{form: formText, s: value})
	return named(seedValue, "value")
}

// ValueInt is Value for an integer.
func ValueInt(value int64) Node {
	push(entry{form: formInt, n: value})
	return named(seedValue, "value")
}

// Checked tells whether a checkbox or a radio button is on, or an option chosen.
func Checked(on bool) Node {
	pushBool(on)
	return named(seedChecked, "checked")
}

// BoolProp sets a boolean property that visitors change too: "open" of details and dialog, "muted"
// of audio and video. (Value and Checked set such properties as well.) What a visitor changed
// before hydration stays; the handler of the element's event ("toggle", "volumechange") is called
// for it, see Event.Open.
func BoolProp(name static, on bool) Node {
	pushIf(on, entry{form: formText, n: 1})
	return named(seedProp, name)
}

// On calls the component's handler of that name when the event happens on the element.
func On(event, handler static) Node {
	return fixed(seedOn, mix(constant(seedOn, event), constant(seedOn, handler)), event, handler)
}

// Prevent prevents the browser's default action for an event, before hydration too. It takes the
// event's name, or keydown:KEY for one key.
func Prevent(event static) Node {
	return fixed(seedPrevent, constant(seedPrevent, event), event, "")
}

// PreventIf is Prevent while on is true. An element has either one PreventIf, or any number of
// Prevent.
func PreventIf(event static, on bool) Node {
	pushIf(on, entry{form: formText, s: string(event)})
	return named(seedAttrStr, preventAttr)
}

// pushIf pushes the entry, or that there is none.
func pushIf(on bool, e entry) {
	if !on {
		e = entry{form: formAbsent}
	}
	push(e)
}

const preventAttr = "data-go-prevent"

// Ref names the element for Focus, Observe and the dialog effects.
func Ref(name static) Node {
	return fixed(seedRef, constant(seedRef, name), name, "")
}

// fixed is the node of what never changes.
//
//go:inline
func fixed(kind uint8, hash uint64, name, value static) Node {
	if mode == modeRecord {
		node := recNode{kind: kind, hash: hash, name: string(name), value: string(value)}
		return recording.leaf(node)
	}
	return Node(hash)
}

// named is the node of a changing attribute.
//
//go:inline
func named(seed uint64, name static) Node {
	h := mix(constant(seed, name), uint64(slotNo))
	if mode == modeRecord {
		return recording.leaf(recNode{kind: uint8(seed), hash: h, name: string(name), slot: slotNo})
	}
	return Node(h)
}
